import Foundation
import Synchronization

extension Installation {
    /// Ports nobody listens on now, below those the system gives to outgoing connections: while a service is down, no
    /// client takes its port, and no other test process either. None is given twice in one process.
    public static func freePorts(_ count: Int) throws -> [UInt16] {
        try PortBlock.current.withLock { block in
            var found: [UInt16] = []
            while found.count < count {
                if block?.isEmpty ?? true { block = try PortBlock.claim() }
                if let port = block?.next(), PortBlock.isFree(port) { found.append(port) }
            }
            return found
        }
    }
}

/// A hundred ports that are this process's until it ends, by the lock on a file that it keeps open.
private struct PortBlock {
    static let current = Mutex<PortBlock?>(nil)
    private static let size: UInt16 = 100
    private static let starts = Array(stride(from: UInt16(12_000), to: 32_000, by: Int(size)))

    private var ports: Range<UInt16>

    var isEmpty: Bool { ports.isEmpty }

    mutating func next() -> UInt16? { ports.popFirst() }

    /// - Throws: When all blocks are taken.
    static func claim() throws -> PortBlock {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-test-ports").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Not all from the same one, so that a port is not used again while its last connections die.
        let first = Int(getpid()) % starts.count
        for start in starts[first...] + starts[..<first] {
            let file = open("\(folder)/\(start)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return PortBlock(ports: start..<(start + size)) }
            close(file)
        }
        throw Installation.Failure(text: "no free ports")
    }

    static func isFree(_ port: UInt16) -> Bool {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(handle, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
