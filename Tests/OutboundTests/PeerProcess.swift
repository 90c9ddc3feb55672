import Foundation
import Synchronization
import TestSupport
import Testing

/// A helper program that plays the other side: it says lines of JSON and ends with the test process.
final class PeerProcess: Sendable {
    struct Missing: Error, CustomStringConvertible { var description: String }

    /// What the peer said first: its ports.
    let ports: [String: Int]
    private let process: Process
    private let lines: AsyncStream<String>

    /// - Parameter script: a file in `Peers`.
    init(_ script: String, _ arguments: [String] = []) async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Peers")
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let python = ProcessInfo.processInfo.environment["SLUICE_PYTHON"] ?? "python3"
        process.arguments = [python, "-B", folder.appendingPathComponent(script).path] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        lines = Self.lines(of: output)
        try process.run()
        guard let first = await lines.first(where: { _ in true }) else {
            throw Missing(description: "\(script) ended at once")
        }
        let values = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any] ?? [:]
        if let missing = values["missing"] as? String { throw Missing(description: missing) }
        ports = values.compactMapValues { $0 as? Int }
    }

    deinit { process.terminate() }

    func port(_ name: String = "port") throws -> Int { try #require(ports[name]) }

    /// The next line that is wanted, decoded; those before it are gone. One caller at a time.
    func next<T: Decodable>(where isWanted: (T) -> Bool = { _ in true }) async throws -> T {
        for await line in lines {
            let value = try JSONDecoder().decode(T.self, from: Data(line.utf8))
            if isWanted(value) { return value }
        }
        throw Missing(description: "the peer has ended")
    }

    private static func lines(of pipe: Pipe) -> AsyncStream<String> {
        AsyncStream { continuation in
            let rest = Mutex(Data())
            pipe.fileHandleForReading.readabilityHandler = { handle in
                let data = handle.availableData
                guard !data.isEmpty else {
                    handle.readabilityHandler = nil
                    return continuation.finish()
                }
                rest.withLock { rest in
                    rest += data
                    while let end = rest.firstIndex(of: 0x0A) {
                        continuation.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                        rest = Data(rest[(end + 1)...])
                    }
                }
            }
        }
    }
}

extension TemporaryFolder {
    var url: URL { URL(fileURLWithPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: url.appendingPathComponent(name))
    }
}

/// SplitMix64, so that a failing case comes again with its seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
