import Foundation
import Synchronization
public import TestSupport

/// Sluice as an operator runs it: all services as processes, started by `compose/up`, real TLS, real files.
public final class Installation: Sendable {
    public let folder: TemporaryFolder
    public let variables: [String: String]
    let knownEnvironments = Mutex<[String: [String: String]]>([:])
    private let processGuard: ProcessGuard

    /// Starts everything; takes some seconds. It ends with this value, and with the test process at the latest.
    ///
    /// - Parameter settings: Service → variable → value, in place of the defaults of `compose/settings`.
    public init(settings: [String: [String: String]] = [:]) async throws {
        folder = try TemporaryFolder("sluice-system")
        processGuard = try ProcessGuard(folder: folder.path)
        var variables = ProcessInfo.processInfo.environment
        variables["SLUICE_STATE"] = folder.file("state")
        variables["SLUICE_BINARIES"] = Self.binaries
        variables["LANG"] = "en_GB.UTF-8"
        for (name, port) in zip(Self.portNames, try Self.freePorts(Self.portNames.count)) {
            variables["SLUICE_PORT_\(name)"] = "\(port)"
        }
        self.variables = variables
        try write(settings)
        let started = try await run("compose/up")
        guard started.status == 0 else { throw Failure(text: started.output + started.errors) }
    }

    private func write(_ settings: [String: [String: String]]) throws {
        let place = folder.file("state/settings")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for (service, values) in settings {
            let lines = values.map { "\($0.key)='\($0.value)'\n" }.sorted().joined()
            try lines.write(toFile: "\(place)/\(service).env", atomically: true, encoding: .utf8)
        }
    }

    public struct Failure: Error, CustomStringConvertible {
        public var text: String
        public var description: String { text }

        public init(text: String) { self.text = text }
    }

    public struct Answer {
        public var status: Int32
        public var output: String
        public var errors: String

        /// The output as JSON.
        public func object() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] else {
                throw Failure(text: "no JSON object: \(output)\(errors)")
            }
            return object
        }
    }

    public func stop() async throws { _ = try await run("compose/down") }

    /// Runs a program of the project, or one of the machine, to its end; on a thread of its own, which waits.
    public func run(_ program: String, _ arguments: [String] = [], input: String = "") async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.blockingRun(program, arguments, input: input) })
            }
        }
    }

    private func blockingRun(_ program: String, _ arguments: [String], input: String) throws -> Answer {
        let process = Process()
        process.executableURL = URL(filePath: program, relativeTo: URL(filePath: Self.root + "/"))
        process.arguments = arguments
        process.environment = variables
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-io-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files, not pipes: services started in the background keep them open.
        let files = try ["in", "out", "err"].map { name in
            let file = folder.appending(path: name)
            try (name == "in" ? input : "").write(to: file, atomically: false, encoding: .utf8)
            return file
        }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return Answer(
            status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8),
            errors: try String(contentsOf: files[2], encoding: .utf8))
    }

    /// The process of a service: the first line of its pid file.
    public func processID(_ service: String) throws -> Int32 {
        let text = try String(contentsOfFile: folder.file("state/run/\(service).pid"), encoding: .utf8)
        guard let id = text.split(whereSeparator: \.isNewline).first.flatMap({ Int32($0) }) else {
            throw Failure(text: "no pid of \(service)")
        }
        return id
    }

    public func files(in path: String) -> [String] {
        let folder = folder.file("state/\(path)")
        return (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).sorted()
    }

    public func port(_ name: String) -> Int { variables["SLUICE_PORT_\(name)"].flatMap { Int($0) } ?? 0 }

    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static let portNames = [
        "SCHEDULER", "IMPORTER", "MONITOR", "NOTIFIER", "BILLING", "SANDBOX", "SANDBOX_HTTPS", "SANDBOX_SMTP",
    ]

    /// The folder of the programs that were built together with these tests.
    private static var binaries: String {
        let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return executable.deletingLastPathComponent().path
    }
}
