import Foundation
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TLS
import TestCertificates
import TestSupport
import Testing

@testable import RPCTransport

extension Alone {
    /// Slow clients by the thousand: 1,000 in every run, 5,000 with `--long`.
    @Suite(.serialized, .timeLimit(.minutes(5))) struct SlowClientTests {
        @Test func `slow clients of every kind are cut off in time, and healthy ones hardly notice`() async throws {
            let count = LongProof.count(1_000, long: 5_000)
            // Both ends of each connection are in this process.
            try #require(ProcessFigures.raiseFileLimit() > 2 * count + 500, "too few files may be open")
            let service = try await TransportFixture(limits: Self.limits(for: count))
            let healthy = try await HealthyClients(service)
            let memoryBefore = ProcessFigures.residentBytes
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let tls = try TLSContext(service.authority.service("importer").mutual)

            let offenders = try await attack(count, service.port, tls, group)
            let cuts = await withTaskGroup(of: (Offence, Duration).self) { tasks in
                for offender in offenders { tasks.addTask { (offender.offence, await offender.cutAfter()) } }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            let memory = ProcessFigures.residentBytes - memoryBefore
            let latencies = await healthy.stop()
            report(cuts, latencies, memory)

            #expect(latencies.failures == 0)
            #expect(latencies.p99 < .seconds(1))
            // The longest bound is silence, 3 s, and 3 s more for a goodbye that is not taken; the rest is a busy machine.
            #expect(cuts.allSatisfy { $0.1 < .seconds(15) })
            #expect(memory < 300 << 20)
            // Nothing is left of them.
            #expect(
                await becomesTrue { service.server.connections.allSatisfy { $0.remoteAddress.contains("127.0.0.1") } })
            try await group.shutdownGracefully()
            try await service.stop()
        }

        private static func limits(for count: Int) -> RPCServerLimits {
            var limits = RPCServerLimits()
            // All are let in, so that their slowness is met and not their number.
            (limits.connectionsMax, limits.strangersMax, limits.connectionsPerPeerMax) = (
                2 * count, 2 * count, 2 * count
            )
            (limits.handshakeSecondsMax, limits.firstFrameSecondsMax, limits.idleSecondsMax) = (3, 3, 3)
            return limits
        }

        /// Fifty at a time, as fast as the handshakes go.
        private func attack(
            _ count: Int, _ port: Int, _ tls: TLSContext, _ group: MultiThreadedEventLoopGroup
        ) async throws -> [Offender] {
            var offenders: [Offender] = []
            for start in stride(from: 0, to: count, by: 50) {
                offenders += try await withThrowingTaskGroup(of: Offender.self) { tasks in
                    for number in start..<min(start + 50, count) {
                        let offence = Offence.allCases[number % Offence.allCases.count]
                        tasks.addTask { try await Offender(offence, number: number, port: port, tls: tls, on: group) }
                    }
                    return try await tasks.reduce(into: []) { $0.append($1) }
                }
            }
            return offenders
        }

        private func report(_ cuts: [(Offence, Duration)], _ latencies: HealthyClients.Latencies, _ memory: Int) {
            for offence in Offence.allCases {
                let times = cuts.filter { $0.0 == offence }.map(\.1)
                print("slow clients: \(times.count) \(offence) cut after \(times.min()!) to \(times.max()!)")
            }
            print(
                "slow clients: \(latencies.count) healthy calls, \(latencies.failures) failed, p50 \(latencies.p50), "
                    + "p99 \(latencies.p99), worst \(latencies.worst); \(memory >> 20) MiB more memory")
        }
    }
}

/// Four clients that call all the time, and a new one for every fiftieth call.
private struct HealthyClients {
    struct Latencies {
        var sorted: [Duration]
        var failures: Int

        var count: Int { sorted.count }
        var p50: Duration { sorted[sorted.count / 2] }
        var p99: Duration { sorted[sorted.count * 99 / 100] }
        var worst: Duration { sorted.last ?? .zero }
    }

    private let task: Task<Latencies, any Error>

    init(_ service: TransportFixture) async throws {
        // Stopped and awaited by `stop`.
        task = Task {
            try await withThrowingTaskGroup(of: Latencies.self) { tasks in
                for _ in 0..<4 { tasks.addTask { try await Self.callAllTheTime(service) } }
                var all = Latencies(sorted: [], failures: 0)
                for try await one in tasks {
                    all.sorted += one.sorted
                    all.failures += one.failures
                }
                all.sorted.sort()
                return all
            }
        }
    }

    func stop() async -> Latencies {
        task.cancel()
        return (try? await task.value) ?? Latencies(sorted: [.seconds(999)], failures: 999)
    }

    private static func callAllTheTime(_ service: TransportFixture) async throws -> Latencies {
        var latencies = Latencies(sorted: [], failures: 0)
        var client = try service.client()
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                _ = try await client.call(Echo(text: "healthy"))
                latencies.sorted.append(began.duration(to: .now))
            } catch {
                if !Task.isCancelled { latencies.failures += 1 }
            }
            if latencies.sorted.count % 50 == 49 {
                await client.shutDown()
                client = try service.client()
            }
            // A pause between calls, so that the machine is not the bottleneck.
            try? await Task.sleep(for: .milliseconds(5))
        }
        await client.shutDown()
        return latencies
    }
}
