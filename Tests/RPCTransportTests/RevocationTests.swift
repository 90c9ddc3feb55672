import CoreTypes
import Foundation
import NIOCore
import RPC
import Synchronization
import TLS
import TestCertificates
import TestSupport
import Testing

@testable import RPCTransport

@Suite struct RevocationTests {
    @Test func `a peer revoked while it shakes hands is let in nowhere`() async throws {
        let authority = try TestAuthority()
        let list = try RevocableFile(authority)
        let clock = ManualClock()
        let service = try await TransportFixture(
            authority: authority, tls: authority.service("scheduler").mutual(list), clock: clock)
        let before = service.serverTLS.current
        let importer = try authority.service("importer")
        let link = HeldFlight()
        let peer = try await RawPeer(service, importer, link: link)
        // The server has judged nothing yet: the certificate is in what is held.
        let release = await link.held()

        try list.revoke([importer])
        while service.serverTLS.current === before {
            clock.advance(by: .seconds(5))
            await Task.yield()
        }
        release()
        #expect(try await peer.nextFrame() == nil)
        #expect(service.server.connections.isEmpty)
        try await service.kill()
    }

    @Test func `a revocation ends live connections, also when a client of the same process saw the new list first`()
        async throws
    {
        let authority = try TestAuthority()
        let list = try RevocableFile(authority)
        let clock = ManualClock()
        var limits = RPCServerLimits()
        // Nothing else ends it meanwhile.
        limits.firstFrameSecondsMax = 60
        let service = try await TransportFixture(
            limits: limits, authority: authority, tls: authority.service("scheduler").mutual(list), clock: clock)
        let importer = try authority.service("importer")
        let peer = try await RawPeer(service, importer)
        #expect(try await peer.nextFrame()?.contains("rpc.hello") == true)

        try list.revoke([importer])
        #expect(service.serverTLS.reloadIfChanged() == .reloaded)
        #expect(
            await becomesTrue {
                clock.advance(by: .seconds(5))
                return service.server.connections.isEmpty
            })
        try await service.kill()
    }

    /// However rarely the server asks for a ping: a revoked one may not decide when it is looked at.
    @Test(arguments: [20, 3_600_000] as [Int64])
    func `a client leaves a server that is revoked while they are connected`(keepaliveMs: Int64) async throws {
        let authority = try TestAuthority()
        let list = try RevocableFile(authority)
        var limits = RPCServerLimits()
        limits.session.keepaliveIntervalMs = keepaliveMs
        let server = try authority.service("scheduler")
        let service = try await TransportFixture(limits: limits, authority: authority, certificate: server)
        var clientLimits = RPCClientLimits()
        clientLimits.certificatePollSeconds = 1
        let client = RPCClient(
            configuration: RPCClientConfiguration(
                service: "scheduler", addresses: [RPCAddress(host: "127.0.0.1", port: service.port)],
                limits: clientLimits),
            tls: try TLSContextSource(authority.service("importer").mutual(list)), logger: TransportFixture.quiet,
            randomness: .counting)
        _ = try await client.call(Echo(text: "trusted"))

        try list.revoke([server])
        #expect(await becomesTrue { client.connection == nil })
        let error = await #expect(throws: ServiceError.self) { try await client.call(Echo(text: "revoked")) }
        #expect(error?.reason == "tls_certificate_revoked")
        await client.shutDown()
        try await service.kill()
    }
}

/// Looks until it is so; false after ten seconds, or as long as a busy machine may need for it.
func becomesTrue(within limit: Duration = .seconds(10), _ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + limit
    while !condition() {
        if ContinuousClock.now > end { return false }
        // Between two looks others may use the processor.
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}

/// A revocation list under a fixed name.
private struct RevocableFile {
    let authority: TestAuthority
    let path: String

    init(_ authority: TestAuthority) throws {
        self.authority = authority
        path = authority.certificatePath + ".revoked"
        try revoke([])
    }

    func revoke(_ certificates: [TestCertificate]) throws {
        let list = try authority.revocationList(certificates)
        try Data(contentsOf: URL(fileURLWithPath: list)).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

extension TestCertificate {
    fileprivate func mutual(_ list: RevocableFile) -> TLSConfiguration {
        var configuration = mutual
        configuration.revocationListPath = list.path
        return configuration
    }
}

/// Lets a client's first flight pass and holds the second, which carries its certificate.
private final class HeldFlight: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer

    private struct State {
        var flights = 0
        var isReleased = false
        var release: (@Sendable () -> Void)?
        var waiter: CheckedContinuation<@Sendable () -> Void, Never>?
    }

    private let state = Mutex(State())

    /// Returns once something is held, with what lets it go.
    func held() async -> @Sendable () -> Void {
        await withCheckedContinuation { continuation in
            let release = state.withLock { state in
                if state.release == nil { state.waiter = continuation }
                return state.release
            }
            if let release { continuation.resume(returning: release) }
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let passes = state.withLock { state in
            state.flights += 1
            return state.flights == 1 || state.isReleased
        }
        if passes { return context.write(data, promise: promise) }
        let bound = NIOLoopBound((context, data), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let release: @Sendable () -> Void = { [self] in
            state.withLock { $0.isReleased = true }
            eventLoop.execute {
                let (context, data) = bound.value
                context.writeAndFlush(data, promise: promise)
            }
        }
        let waiter = state.withLock { state in
            state.release = release
            return state.waiter
        }
        waiter?.resume(returning: release)
    }
}
