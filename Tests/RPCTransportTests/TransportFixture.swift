import CoreTypes
import Logging
import RPC
import TLS
import TestCertificates

@testable import RPCTransport

/// A server on a free port of this machine, with clients of any identity.
final class TransportFixture: Sendable {
    let authority: TestAuthority
    let state = EchoState()
    let server: RPCServer
    let serverTLS: TLSContextSource
    let port: Int
    private let running: Task<Void, any Error>

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    /// One authority for the tests that do not replace anything in it.
    static let authority = Result { try TestAuthority() }

    init(
        limits: RPCServerLimits = RPCServerLimits(), port: Int = 0, authority: TestAuthority? = nil,
        certificate: TestCertificate? = nil, tls: TLSConfiguration? = nil,
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger = TransportFixture.quiet
    ) async throws {
        self.authority = try authority ?? Self.authority.get()
        serverTLS = try TLSContextSource(tls ?? (certificate ?? self.authority.service("scheduler")).mutual)
        let configuration = RPCServerConfiguration(host: "127.0.0.1", port: port, limits: limits)
        let server = RPCServer(
            router: state.makeRouter(), configuration: configuration, tls: serverTLS, logger: logger, clock: clock)
        self.server = server
        running = Task { try await server.run() }
        self.port = try await server.boundPort()
    }

    /// Drains and waits for the end.
    func stop() async throws {
        server.shutDown()
        try await running.value
    }

    /// Ends everything at once, as a crash would.
    func kill() async throws {
        running.cancel()
        try await running.value
    }

    func client(
        _ certificate: TestCertificate? = nil, of service: String = "scheduler",
        _ change: (inout RPCClientLimits) -> Void = { _ in }
    ) throws -> RPCClient {
        try Self.client(certificate ?? authority.service("importer"), of: service, port: port, change)
    }

    static func client(
        _ certificate: TestCertificate, of service: String = "scheduler", port: Int,
        _ change: (inout RPCClientLimits) -> Void = { _ in }
    ) throws -> RPCClient {
        var limits = RPCClientLimits()
        change(&limits)
        let address = RPCAddress(host: "127.0.0.1", port: port)
        return RPCClient(
            configuration: RPCClientConfiguration(service: service, addresses: [address], limits: limits),
            tls: try TLSContextSource(certificate.mutual), logger: quiet, randomness: .counting)
    }
}

extension TestCertificate {
    var mutual: TLSConfiguration {
        .mutual(
            trustDomain: "test.sluice", certificateChainPath: certificatePath, privateKeyPath: keyPath,
            certificateAuthorityPath: authorityPath)
    }
}
