import CoreTypes
import Foundation
import RPC
import Synchronization
import TLS
import TestCertificates
import TestSupport
import Testing

@testable import RPCTransport

@Suite struct ConnectionTests {
    @Test func `where nobody listens a call fails at once`() async throws {
        let service = try await TransportFixture()
        try await service.stop()
        let client = try service.client()
        let clock = ContinuousClock()
        let start = clock.now
        let error = await #expect(throws: ServiceError.self) {
            try await client.call(Echo(text: "anybody?"), within: .seconds(30))
        }
        #expect(error?.status == .unavailable)
        #expect(error?.reason == "service_unreachable")
        #expect(clock.now - start < .seconds(3))
    }

    @Test func `a call that waits for the service is answered when it comes up`() async throws {
        let first = try await TransportFixture()
        try await first.stop()
        let client = try first.client()
        let call = Task {
            try await client.call(
                Echo(text: "patient"), options: CallOptions(timeout: .seconds(20), waitForReady: true))
        }
        let second = try await TransportFixture(port: first.port)
        #expect(try await call.value.text == "patient")
        await client.shutDown()
        try await second.stop()
    }

    @Test func `a patient call still ends at its deadline`() async throws {
        let service = try await TransportFixture()
        try await service.stop()
        let client = try service.client()
        let error = await #expect(throws: ServiceError.self) {
            try await client.call(
                Echo(text: "patient"), options: CallOptions(timeout: .seconds(3), waitForReady: true))
        }
        #expect(error?.status == .deadlineExceeded)
        // What it waited for in vain is said in the words of the last attempt.
        #expect(error?.reason == "service_waited_for")
        #expect(error?.arguments["service"] == "scheduler")
        let detail = try #require(error?.arguments["detail"])
        #expect(detail.contains("service_unreachable"))
        #expect(detail.contains("127.0.0.1:\(service.port)"))
        #expect(detail.contains("refused"))
        await client.shutDown()
    }

    @Test func `calls in flight fail once when the server is gone, and the next call finds the new one`() async throws {
        let first = try await TransportFixture()
        let client = try first.client()
        let calls = (0..<10).map { number in
            Task { try await client.call(Wait(gate: "\(number)"), within: .seconds(60)) }
        }
        for number in 0..<10 { await first.state.gates.arrival("\(number)") }
        try await first.kill()
        for call in calls {
            let error = await #expect(throws: ServiceError.self) { try await call.value }
            #expect(error?.status == .unavailable)
            #expect(error?.reason == "connection_lost")
        }
        let second = try await TransportFixture(port: first.port)
        let options = CallOptions(timeout: .seconds(20), waitForReady: true)
        #expect(try await client.call(Echo(text: "back"), options: options).text == "back")
        await client.shutDown()
        try await second.stop()
    }

    @Test func `draining answers the calls in flight and loses none`() async throws {
        let first = try await TransportFixture()
        let second = try await TransportFixture()
        let client = RPCClient(
            configuration: RPCClientConfiguration(
                service: "scheduler",
                addresses: [first.port, second.port].map { RPCAddress(host: "127.0.0.1", port: $0) }),
            tls: try TLSContextSource(first.authority.service("importer").mutual), logger: TransportFixture.quiet,
            randomness: .counting)
        let slow = Task { try await client.call(Wait(gate: "slow"), within: .seconds(60)) }
        await first.state.gates.arrival("slow")
        try await withThrowingTaskGroup { tasks in
            for worker in 0..<16 {
                tasks.addTask {
                    for number in 0..<100 {
                        let answer = try await client.call(Echo(text: "\(worker).\(number)"))
                        #expect(answer.text == "\(worker).\(number)")
                    }
                }
            }
            first.server.shutDown()
            try await tasks.waitForAll()
        }
        // The connection stays for the call that still runs there.
        #expect(first.server.connections.count == 1)
        await first.state.gates.open("slow")
        #expect(try await slow.value.gate == "slow")
        try await first.stop()
        #expect(try await client.call(Echo(text: "on the other")).text == "on the other")
        await client.shutDown()
        try await second.stop()
    }

    @Test func `an idempotent call is sent again until it works, another is not`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        #expect(try await client.call(Flaky(failures: 2)).calls == 3)
        let error = await #expect(throws: ServiceError.self) { try await client.call(OnlyOnce()) }
        #expect(error?.reason == "never")
        #expect(service.state.onceCalls.withLock { $0 } == 1)
        await client.shutDown()
        try await service.stop()
    }

    @Test func `another trust domain, another authority and another service are refused with the reason`() async throws
    {
        let service = try await TransportFixture()
        let foreign = try service.authority.issue(CertificateRequest(uris: ["spiffe://other.sluice/svc/importer/1"]))
        let foreignClient = try TransportFixture.client(foreign: foreign, port: service.port)
        let error = await #expect(throws: ServiceError.self) { try await foreignClient.call(Echo(text: "let me in")) }
        #expect(error?.status == .unauthenticated)
        #expect(error?.reason == "tls_identity_foreign_domain")

        let mistaken = try service.client(of: "billing")
        let second = await #expect(throws: ServiceError.self) { try await mistaken.call(Echo(text: "billing?")) }
        #expect(second?.status == .unauthenticated)
        #expect(second?.reason == "tls_identity_unexpected")

        let stranger = try TransportFixture.client(try TestAuthority().service("importer"), port: service.port)
        let third = await #expect(throws: ServiceError.self) { try await stranger.call(Echo(text: "let me in")) }
        #expect(third?.reason == "tls_certificate_unknown_root" || third?.reason == "tls_certificate_unknown_issuer")
        #expect(service.server.connections.isEmpty)
        try await service.stop()
    }

    @Test func `renewed certificates are used without a restart, by both ends`() async throws {
        let authority = try TestAuthority()
        let files = try RenewableFiles(authority, "scheduler")
        let clientFiles = try RenewableFiles(authority, "importer")
        let clock = ManualClock()
        let service = try await TransportFixture(authority: authority, tls: files.configuration, clock: clock)
        let before = service.serverTLS.current
        let address = RPCAddress(host: "127.0.0.1", port: service.port)
        let client = RPCClient(
            configuration: RPCClientConfiguration(service: "scheduler", addresses: [address]),
            tls: try TLSContextSource(clientFiles.configuration), logger: TransportFixture.quiet,
            randomness: .counting)
        _ = try await client.call(Echo(text: "first"))
        let first = try #require(client.connection)

        try files.install(instance: "2")
        try clientFiles.install(instance: "2")
        while service.serverTLS.current === before {
            clock.advance(by: .seconds(5))
            await Task.yield()
        }
        // The old connection goes on; a new one meets the new certificates.
        #expect(try await client.call(Echo(text: "still")).text == "still")
        #expect(client.connection == first)
        let other = RPCClient(
            configuration: RPCClientConfiguration(service: "scheduler", addresses: [address]),
            tls: try TLSContextSource(clientFiles.configuration), logger: TransportFixture.quiet,
            randomness: .counting)
        _ = try await other.call(Echo(text: "second"))
        #expect(other.connection?.peer == .service(name: "scheduler", instance: "2"))
        #expect(service.server.connections.last?.peer == .service(name: "importer", instance: "2"))
        await client.shutDown()
        await other.shutDown()
        try await service.kill()
    }

    @Test func `one identity may have only so many connections`() async throws {
        var limits = RPCServerLimits()
        limits.connectionsPerPeerMax = 2
        let service = try await TransportFixture(limits: limits)
        let certificate = try service.authority.service("importer")
        let clients = try (0..<2).map { _ in try service.client(certificate) }
        for client in clients { _ = try await client.call(Echo(text: "in")) }
        let third = try service.client(certificate)
        let error = await #expect(throws: ServiceError.self) { try await third.call(Echo(text: "one too many")) }
        #expect(error?.reason == "too_many_connections")
        #expect(error?.status == .resourceExhausted)
        let anna = try service.client(service.authority.person("anna"))
        _ = try await anna.call(Echo(text: "somebody else"))
        for client in clients + [anna] { await client.shutDown() }
        try await service.stop()
    }
}

extension TransportFixture {
    /// A client of another trust domain, which would accept the server.
    fileprivate static func client(foreign certificate: TestCertificate, port: Int) throws -> RPCClient {
        var configuration = certificate.mutual
        configuration.mode = .mutual(trustDomain: "other.sluice")
        return RPCClient(
            configuration: RPCClientConfiguration(
                service: "scheduler", addresses: [RPCAddress(host: "127.0.0.1", port: port)]),
            tls: try TLSContextSource(configuration), logger: quiet, randomness: .counting)
    }
}

/// Certificate and key under fixed names, replaced as an operator would.
private struct RenewableFiles {
    let authority: TestAuthority
    let service: String
    let configuration: TLSConfiguration

    init(_ authority: TestAuthority, _ service: String) throws {
        self.authority = authority
        self.service = service
        let first = try authority.service(service)
        configuration = .mutual(
            trustDomain: authority.trustDomain, certificateChainPath: first.certificatePath + ".used",
            privateKeyPath: first.keyPath + ".used", certificateAuthorityPath: authority.certificatePath)
        try install(instance: "1")
    }

    func install(instance: String) throws {
        let next = try authority.service(service, instance: instance)
        for (source, target) in [
            (next.keyPath, configuration.privateKeyPath), (next.certificatePath, configuration.certificateChainPath),
        ] {
            try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target), options: .atomic)
        }
    }
}
