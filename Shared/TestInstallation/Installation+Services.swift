import Foundation
import Synchronization
import TestSupport

/// A service that was started here, not by `compose/up`, so that its end can be told.
public struct ServiceProcess: Sendable {
    public let service: String
    public let id: Int32

    /// How it ended; waits for that.
    ///
    /// - Throws: When it still runs after `limit`.
    public func ending(within limit: Duration = .seconds(30)) async throws -> Ending {
        try await Ending.of(id, within: limit)
    }

    public func signal(_ signal: Int32) { Foundation.kill(id, signal) }
}

/// How a process ended.
public enum Ending: Sendable, Equatable {
    case exited(Int32)
    case killed(by: Int32)
    /// It is gone; only its parent was told how.
    case gone

    /// - Throws: When the process still runs after `limit`.
    public static func of(_ id: Int32, within limit: Duration) async throws -> Ending {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let ending = look(id) { return ending }
            try await Task.sleep(for: .milliseconds(3))
        }
        throw Installation.Failure(text: "process \(id) still runs after \(limit)")
    }

    /// nil while it runs.
    private static func look(_ id: Int32) -> Ending? {
        var status: Int32 = 0
        let found = waitpid(id, &status, WNOHANG)
        if found == id {
            let signal = status & 0x7F
            return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(by: signal)
        }
        guard found == -1 else { return nil }
        // Not a child of ours. One that nobody has collected yet has ended too.
        guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let afterName = status.lastIndex(of: ")")
        else { return .gone }
        return status[afterName...].dropFirst(2).first == "Z" && threads(id) < 2 ? .gone : nil
    }

    /// The first thread may have ended while others still hold files and ports.
    private static func threads(_ id: Int32) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task").count) ?? 0
    }
}

extension Installation {
    /// The variables `compose/up` starts a service with.
    public func environment(of service: String) async throws -> [String: String] {
        if let known = knownEnvironments.withLock({ $0[service] }) { return known }
        let answer = try await run("/bin/bash", ["-c", Self.printEnvironment, "environment", Self.root, service])
        guard answer.status == 0 else { throw Failure(text: answer.errors) }
        var environment: [String: String] = [:]
        for line in answer.output.split(separator: "\0") {
            guard let sign = line.firstIndex(of: "=") else { continue }
            environment[String(line[..<sign])] = String(line[sign...].dropFirst())
        }
        knownEnvironments.withLock { $0[service] = environment }
        return environment
    }

    private static let printEnvironment = """
        . "$1/compose/lib/common.sh"
        set -a
        . "$root/compose/settings/common.env"
        . "$root/compose/settings/$2.env"
        [ ! -f "$state/settings/$2.env" ] || . "$state/settings/$2.env"
        set +a
        exec env -0
        """

    /// Starts a service as `compose/up` does, but as a child of this process.
    ///
    /// - Parameters:
    ///   - name: For a second instance: of its folder, its log and its pid file.
    ///   - more: Variables besides, or in place of, the usual ones.
    public func start(
        _ service: String, as name: String? = nil, adding more: [String: String] = [:]
    ) async throws -> ServiceProcess {
        let name = name ?? service
        let environment = try await environment(of: service).merging(more) { $1 }
        let program = "\(environment["SLUICE_BINARIES"] ?? "")/sluice-\(service)"
        let place = folder.file("state/data/\(name)")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let id = try Spawn.start(
            program, environment: environment, in: place, output: folder.file("state/log/\(name).log"))
        try "\(id)\n\(program)\n".write(
            toFile: folder.file("state/run/\(name).pid"), atomically: true, encoding: .utf8)
        return ServiceProcess(service: service, id: id)
    }

    /// Starts any other program beside the services; it ends with the installation.
    public func startProgram(_ program: String, _ arguments: [String], as name: String) throws -> ServiceProcess {
        let place = folder.file("state/data/\(name)")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let id = try Spawn.start(
            program, arguments, environment: variables, in: place, output: folder.file("state/log/\(name).log"))
        return ServiceProcess(service: name, id: id)
    }

    /// kill -9, and waits until the service is gone.
    @discardableResult
    public func kill(_ service: String) async throws -> Ending { try await end(service, with: SIGKILL) }

    /// Ends a service and waits until it is gone.
    @discardableResult
    public func end(
        _ service: String, with signal: Int32, within limit: Duration = .seconds(30)
    ) async throws -> Ending {
        let id = try processID(service)
        // The number of a process that has ended may be somebody else's by now.
        let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
        if place?.hasSuffix("/state/data/\(service)") == true { Foundation.kill(id, signal) }
        return try await Ending.of(id, within: limit)
    }

    /// A certificate of a further instance of a service, signed by the installation's authority.
    ///
    /// - Returns: The variables that name it.
    public func makeCertificate(of service: String, instance: String) async throws -> [String: String] {
        let answer = try await run(
            "/bin/bash", ["-c", Self.printCertificate, "certificate", Self.root, service, instance])
        guard answer.status == 0 else { throw Failure(text: answer.errors) }
        let path = folder.file("state/certificates/\(service)-\(instance)")
        return ["TLS_CERTIFICATE": "\(path).pem", "TLS_KEY": "\(path).key"]
    }

    private static let printCertificate = """
        . "$1/compose/lib/common.sh"
        . "$1/compose/lib/certificates.sh"
        make_certificate "$2-$3" "URI:spiffe://$trust_domain/svc/$2/$3" "serverAuth,clientAuth"
        """
}
