import CoreTypes
import Foundation
import Logging
import RPC
import RPCTransport
import Synchronization
import TLS
import TestInstallation
import TestSupport

/// The services of an installation as an operator calls them: over mutual TLS, without the command line in between.
final class Calls: Sendable {
    private static let services = ["scheduler", "importer", "monitor", "notifier", "billing", "sandbox"]

    private let installation: Installation
    private let tls: TLSContextSource
    private let clients: [String: RPCClient]
    private let lastKey = Mutex<Int>(0)
    private let ports: [String: Int]

    /// - Parameter ports: Of services that are not those `compose/up` has started.
    init(_ installation: Installation, ports: [String: Int] = [:]) throws {
        self.installation = installation
        self.ports = ports
        let certificates = installation.folder.file("state/certificates")
        let tls = try TLSContextSource(
            .mutual(
                trustDomain: "sluice.local", certificateChainPath: "\(certificates)/operator.pem",
                privateKeyPath: "\(certificates)/operator.key",
                certificateAuthorityPath: "\(certificates)/authority.pem"))
        self.tls = tls
        clients = Dictionary(
            uniqueKeysWithValues: Self.services.map { service in
                (service, Self.client(of: service, at: ports[service] ?? installation.port(service.uppercased()), tls))
            })
    }

    /// A client of its own connection.
    func newClient(of service: String) -> RPCClient {
        Self.client(of: service, at: ports[service] ?? installation.port(service.uppercased()), tls)
    }

    private static func client(of service: String, at port: Int, _ tls: TLSContextSource) -> RPCClient {
        var limits = RPCClientLimits()
        limits.reconnect = Backoff(first: .milliseconds(20), longest: .milliseconds(100))
        let address = RPCAddress(host: "127.0.0.1", port: port)
        return RPCClient(
            configuration: RPCClientConfiguration(service: service, addresses: [address], limits: limits), tls: tls,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), randomness: .seeded(1))
    }

    /// Calls until the service answers: with one key for all attempts, as a patient operator's program would. How soon a
    /// service is back is for ``ready(_:within:)`` to say; here only one that hangs shall be found.
    func callAsFunction<Request: RPCRequest>(
        _ request: Request, within limit: Duration = .seconds(45)
    ) async throws -> Request.Response {
        let service = String(Request.method.rawValue.prefix { $0 != "." })
        guard let client = clients[service] else { throw Installation.Failure(text: "no service \(service)") }
        let deadline = ContinuousClock.now + limit
        var options = CallOptions(timeout: limit, idempotencyKey: newKey(), waitForReady: true)
        while true {
            do throws(ServiceError) {
                return try await client.call(request, options: options)
            } catch {
                guard error.status == .unavailable, ContinuousClock.now < deadline else {
                    guard error.status == .unavailable || error.status == .deadlineExceeded else { throw error }
                    let found = await whyNot(service)
                    throw Installation.Failure(
                        text: "\(Request.method) was not answered within \(limit): \(error.reason); \(found)")
                }
                try await Task.sleep(for: .milliseconds(10))
                options.timeout = ContinuousClock.now.duration(to: deadline)
            }
        }
    }

    /// What is to be seen of a service that does not answer: whoever waits for a connection is not told why there is none.
    private func whyNot(_ service: String) async -> String {
        let client = newClient(of: service)
        var health = "ready"
        do throws(ServiceError) {
            let report = try await client.call(CheckHealth(), options: CallOptions(timeout: .seconds(5)))
            if !report.isReady { health = "not ready: \(report.notes)" }
        } catch { health = "\(error.reason) \(error.arguments)" }
        await client.shutDown()
        let log = try? String(contentsOfFile: installation.folder.file("state/log/\(service).log"), encoding: .utf8)
        let lines = log?.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "\n") ?? "none"
        return "its health: \(health); the end of its log:\n\(lines)"
    }

    func newKey() -> String {
        let number = lastKey.withLock { last in
            last += 1
            return last
        }
        return "fault-\(number)"
    }

    /// Waits until a service says that it is ready, each time on a new connection.
    ///
    /// - Returns: How long that took.
    func ready(_ service: String, within limit: Duration = .seconds(15)) async throws -> Duration {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < limit {
            let client = newClient(of: service)
            let report = try? await client.call(CheckHealth(), options: CallOptions(timeout: .seconds(2)))
            await client.shutDown()
            if report?.isReady == true { return ContinuousClock.now - start }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Installation.Failure(text: "\(service) is not ready after \(limit)")
    }
}

/// Looks again and again until `condition` gives a value.
///
/// - Throws: With `what`, when there is none after `limit`.
func eventually<Value: Sendable>(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(30),
    _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    repeat {
        if let value = try await condition() { return value }
        try await Task.sleep(for: pause)
    } while ContinuousClock.now < deadline
    throw Installation.Failure(text: "\(what): not within \(limit)")
}
