import CoreTypes
import Foundation
import Logging
import RPC
import Synchronization
import TLS
import TestCertificates
import TestSupport
import Testing

@testable import RPCTransport

@Suite struct RotationTests {
    /// Two authorities that overlap, as while one replaces the other: each rotation takes a leaf of the other one.
    @Test func `certificates and authorities are replaced under load, and no call fails`() async throws {
        let rotations = LongProof.count(5, long: 100)
        let authorities = [try TestAuthority(), try TestAuthority()]
        let files = try RotatedFiles(authorities, "scheduler")
        let callers = try RotatedFiles(authorities, "importer")
        let clock = ManualClock()
        let service = try await TransportFixture(
            authority: authorities[0], tls: files.configuration, clock: clock)
        let pace = Pace(perSecond: 200)
        let load = Task {
            await pace.run { number in
                // Every tenth call shakes hands anew.
                let client = callers.client(service.port, fresh: number % 10 == 0)
                _ = try await client.call(Echo(text: "\(number)"), within: .seconds(20))
                if number % 10 == 0 { await client.shutDown() }
            }
        }
        for rotation in 1...rotations {
            let calls = pace.calls
            let before = service.serverTLS.current
            try files.install(authorities[rotation % 2], instance: "\(rotation)")
            try callers.install(authorities[rotation % 2], instance: "\(rotation)")
            // The look that is due within five seconds.
            #expect(
                await becomesTrue {
                    clock.advance(by: .seconds(5))
                    return service.serverTLS.current !== before
                })
            let probe = callers.client(service.port, fresh: true)
            _ = try await probe.call(Echo(text: "new"), within: .seconds(20))
            #expect(probe.connection?.peer == .service(name: "scheduler", instance: "\(rotation)"))
            await probe.shutDown()
            #expect(await becomesTrue { pace.calls >= calls + 40 })
        }
        pace.stop()
        await load.value
        #expect(pace.failures == [])
        await callers.shutDown()
        try await service.kill()
    }

    @Test func `a list that vanishes changes nothing: who was revoked stays out, who was not stays in`() async throws {
        let authority = try TestAuthority()
        let revoked = try authority.service("importer")
        let list = authority.certificatePath + ".vanishing"
        try FileManager.default.copyItem(atPath: authority.revocationList([revoked]), toPath: list)
        var configuration = try authority.service("scheduler").mutual
        configuration.revocationListPath = list
        let clock = ManualClock()
        let service = try await TransportFixture(authority: authority, tls: configuration, clock: clock)
        try FileManager.default.removeItem(atPath: list)
        for _ in 0..<3 {
            clock.advance(by: .seconds(5))
            let client = try service.client(revoked)
            let error = await #expect(throws: ServiceError.self) { try await client.call(Echo(text: "let me in")) }
            #expect(error?.status == .unauthenticated)
            let other = try service.client(authority.person("anna"))
            #expect(try await other.call(Echo(text: "in")).text == "in")
            await other.shutDown()
        }
        // Nor is a process started without it.
        #expect(throws: TLSError.self) { try TLSContextSource(configuration) }
        try await service.kill()
    }
}

@Suite struct ExpiryTests {
    private let now = Instant(seconds: 1_772_431_200)

    private func expiries(_ hours: Double) -> [ExpiryWatch.Item: Instant] {
        [.certificate: now + .seconds(Int64(hours * 3600))]
    }

    @Test func `what runs out is told from 72 hours before, once a day`() {
        var watch = ExpiryWatch()
        #expect(watch.look(expiries(72), at: now) == [])
        #expect(watch.look(expiries(71.9), at: now) == [.init(item: .certificate, hoursLeft: 71)])
        #expect(watch.look(expiries(71.9), at: now + .seconds(23 * 3600)) == [])
        #expect(
            watch.look(expiries(71.9), at: now + .seconds(24 * 3600)) == [.init(item: .certificate, hoursLeft: 47)])
        #expect(
            watch.look(expiries(71.9), at: now + .seconds(73 * 3600)) == [.init(item: .certificate, hoursLeft: -2)])
    }

    @Test func `certificate and list are told apart, and a renewed one is told anew at once`() {
        var watch = ExpiryWatch()
        let both = [ExpiryWatch.Item.certificate: now + .seconds(3600), .revocationList: now + .seconds(7200)]
        #expect(watch.look(both, at: now).map(\.item) == [.certificate, .revocationList])
        #expect(watch.look([.certificate: now + .seconds(100 * 3600)], at: now) == [])
        #expect(watch.look(expiries(1), at: now).map(\.item) == [.certificate])
    }

    @Test func `a server logs it while it runs`() async throws {
        let warnings = Mutex<[String]>([])
        let box = WarningBox(warnings)
        let authority = try TestAuthority()
        let source = try TLSContextSource(authority.service("scheduler").mutual)
        let clock = ManualClock(start: Instant(seconds: source.current.certificateExpiresAt - 71 * 3600))
        let server = RPCServer(
            router: EchoState().makeRouter(), configuration: RPCServerConfiguration(host: "127.0.0.1", port: 0),
            tls: source, logger: box.logger, clock: clock, wallClock: clock.wallClock)
        let running = Task { try await server.run() }
        #expect(await becomesTrue { box.lines == ["certificate 71"] })
        #expect(
            await becomesTrue {
                clock.advance(by: .seconds(3600))
                return box.lines.count == 2
            })
        #expect(box.lines.allSatisfy { $0.hasPrefix("certificate ") })
        running.cancel()
        try await running.value
    }
}

/// Certificate, key and both authorities under fixed names, replaced as an operator would.
private final class RotatedFiles: Sendable {
    let configuration: TLSConfiguration
    private let service: String
    /// One for all clients, as a process has it.
    private let source: TLSContextSource
    private let kept = Mutex<[RPCClient]>([])

    init(_ authorities: [TestAuthority], _ service: String) throws {
        self.service = service
        let place = authorities[0].certificatePath + ".\(service)"
        let trusted = try authorities.map { try Data(contentsOf: URL(fileURLWithPath: $0.certificatePath)) }
        try Data(trusted.joined()).write(to: URL(fileURLWithPath: place + ".authorities"))
        configuration = .mutual(
            trustDomain: authorities[0].trustDomain, certificateChainPath: place + ".used",
            privateKeyPath: place + ".key.used", certificateAuthorityPath: place + ".authorities")
        try Self.install(authorities[0].service(service, instance: "0"), as: configuration)
        source = try TLSContextSource(configuration)
    }

    func install(_ authority: TestAuthority, instance: String) throws {
        try Self.install(authority.service(service, instance: instance), as: configuration)
    }

    private static func install(_ next: TestCertificate, as configuration: TLSConfiguration) throws {
        for (source, target) in [
            (next.keyPath, configuration.privateKeyPath), (next.certificatePath, configuration.certificateChainPath),
        ] {
            try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target), options: .atomic)
        }
    }

    /// - Parameter fresh: Whether it must not have a connection yet.
    func client(_ port: Int, fresh: Bool) -> RPCClient {
        if !fresh, let first = kept.withLock({ $0.first }) { return first }
        let client = RPCClient(
            configuration: RPCClientConfiguration(
                service: "scheduler", addresses: [RPCAddress(host: "127.0.0.1", port: port)]),
            tls: source, logger: TransportFixture.quiet, randomness: .counting)
        if !fresh { kept.withLock { $0.append(client) } }
        return client
    }

    func shutDown() async {
        for client in kept.withLock({ $0 }) { await client.shutDown() }
    }
}

/// Calls at a steady pace, each in a task of its own, and what failed.
private final class Pace: Sendable {
    private struct State {
        var calls = 0
        var failures: [String] = []
        var isStopped = false
    }

    private let interval: Duration
    private let state = Mutex(State())

    init(perSecond: Int) { interval = .seconds(1) / perSecond }

    var calls: Int { state.withLock { $0.calls } }
    var failures: [String] { state.withLock { $0.failures } }

    func stop() { state.withLock { $0.isStopped = true } }

    func run(_ call: @escaping @Sendable (Int) async throws -> Void) async {
        await withTaskGroup(of: Void.self) { tasks in
            var next = ContinuousClock.now
            var number = 0
            while !state.withLock({ $0.isStopped }) {
                number += 1
                tasks.addTask { [number] in
                    do {
                        try await call(number)
                        self.state.withLock { $0.calls += 1 }
                    } catch {
                        self.state.withLock { $0.failures.append("\(error)") }
                    }
                }
                // A slow machine calls less often rather than pile up.
                next = max(next + interval, .now - .milliseconds(100))
                try? await Task.sleep(until: next)
            }
        }
    }
}

/// What a server logs at warning.
private final class WarningBox: Sendable {
    private let kept: Mutex<[String]>

    init(_ kept: consuming Mutex<[String]>) { self.kept = kept }

    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler { [self] line in kept.withLock { $0.append(line) } } }
    }

    private struct Handler: LogHandler {
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]
        let note: @Sendable (String) -> Void

        init(_ note: @escaping @Sendable (String) -> Void) { self.note = note }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.level == .warning, let metadata = event.metadata else { return }
            note("\(metadata["what"] ?? "") \(metadata["hours"] ?? "")")
        }
    }
}
