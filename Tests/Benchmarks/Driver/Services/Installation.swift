import Foundation

/// All services as processes, started by compose/up from the release programs beside this one.
final class Installation {
    let state: URL
    private(set) var environment: [String: String]

    static let services = ["scheduler", "importer", "monitor", "notifier", "billing", "sandbox"]

    /// - Parameter items: Of the demo merchant's catalogue, which is imported once; nil for no demo.
    init(items: Int?) throws {
        environment = ProcessInfo.processInfo.environment
        // `run` gives one, and clears it away even when this program is killed.
        state = URL(
            filePath: environment["SLUICE_STATE"]
                ?? FileManager.default.temporaryDirectory.appending(path: "sluice-services-\(UUID().uuidString)").path)
        environment["SLUICE_STATE"] = state.path
        // Or programs that were built elsewhere.
        environment["SLUICE_BINARIES"] = environment["SLUICE_BINARIES"] ?? Program.folder.path
        let names =
            ["SCHEDULER", "IMPORTER", "MONITOR", "NOTIFIER", "BILLING", "SANDBOX", "SANDBOX_HTTPS", "SANDBOX_SMTP"]
        for (name, port) in zip(names, try FreePorts.take(names.count)) {
            environment["SLUICE_PORT_\(name)"] = "\(port)"
        }
        if let items { environment["SLUICE_DEMO_ITEMS"] = "\(items)" }
        do {
            try compose("up", items == nil ? [] : ["--demo"])
        } catch {
            end()
            throw error
        }
    }

    func end() { try? compose("down", ["--wipe"]) }

    func port(of service: String) -> Int { environment["SLUICE_PORT_\(service.uppercased())"].flatMap { Int($0) } ?? 0 }

    /// What compose/up noted of a service's process.
    func process(_ service: String) throws -> Int32 {
        let text = try String(contentsOf: state.appending(path: "run/\(service).pid"), encoding: .utf8)
        guard let id = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw Program.Failure(description: "\(service) does not run")
        }
        return id
    }

    /// Ends a service as compose/down does, and returns once it has ended; nothing to do when it has before.
    func stop(_ service: String) throws {
        let id = try process(service)
        guard kill(id, SIGTERM) == 0 else { return }
        for _ in 0..<3000 {
            if kill(id, 0) != 0 { return }
            usleep(10_000)
        }
        throw Program.Failure(description: "\(service) did not stop within 30 seconds")
    }

    private func compose(_ command: String, _ arguments: [String]) throws {
        let root = Program.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        try Program.run(root.appending(path: "compose/\(command)").path, arguments, environment: environment)
    }
}

enum FreePorts {
    /// Ports nobody listens on now, all held at once so that they differ.
    static func take(_ count: Int) throws -> [UInt16] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(handle)
            var address = loopback(port: 0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
                }
            }
            guard isBound else { throw Program.Failure(description: "there is no free port") }
            return UInt16(bigEndian: address.sin_port)
        }
    }

    /// Whether somebody takes connections on a port.
    static func isTaken(_ port: Int) -> Bool {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = loopback(port: UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
