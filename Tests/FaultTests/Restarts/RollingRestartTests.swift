import CoreTypes
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// Every service is replaced in turn while people and schedules go on working.
    @Suite struct RollingRestartTests {
        static let services = ["scheduler", "importer", "monitor", "notifier", "billing"]

        /// Once round in every run, 20 times with `--long`.
        @Test func `a rolling restart of all services under load fails no call and loses no run`() async throws {
            let rounds = LongProof.count(1, long: 20)
            var settings = World.quickSettings
            settings["importer"]?["IMPORTER_CONCURRENT_RUNS"] = "4"
            let world = try await World(settings: settings)
            let merchants = try await (0..<4).asyncMap { try await world.addMerchant("rolling\($0)") }
            for merchant in merchants {
                // A run takes a second or two, so that each restart finds some under way.
                try await world.systems.slow(merchant.erp, milliseconds: 80)
            }
            let load = ClientLoad(world, merchants)
            var stops: [Duration] = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in Self.services { group.addTask { await load.askHealth(of: service) } }
                for _ in 0..<4 { group.addTask { await load.read() } }
                for merchant in merchants { group.addTask { await load.startRuns(of: merchant) } }
                for _ in 0..<rounds {
                    for service in Self.services {
                        try await Task.sleep(for: .seconds(1))
                        stops.append(try await Self.replace(service, in: world))
                    }
                }
                try await Task.sleep(for: .seconds(1))
                load.stopStarting()
                for merchant in merchants { _ = try await world.idle(merchant) }
                group.cancelAll()
            }

            #expect(load.failures == [])
            #expect(load.answered > 500 * rounds)
            for merchant in merchants {
                let started = load.started(by: merchant)
                // Slow as they are made, one takes most of a round.
                #expect(started.count >= rounds)
                let problems = try await Audit(world: world, merchant: merchant).problems(acknowledged: started)
                #expect(problems == [])
            }
            print(load.answered, "calls answered; a stop takes at most", stops.max() ?? .zero)
            try await world.installation.stop()
        }

        /// Progress is numbered: each time the command asks for what comes after the last it saw.
        @Test func `whoever watches a run on the command line sees its end across two restarts of the scheduler`()
            async throws
        {
            var settings = World.quickSettings
            // A lease outlives a restart, as it does with the settings that are usual.
            settings["scheduler"]?["SCHEDULER_LEASE_SECONDS"] = "20"
            let world = try await World(settings: settings)
            let merchant = try await world.addMerchant("watched", pageSize: 20)
            try await world.systems.slow(merchant.erp, milliseconds: 300)
            let run = try await world.startRun(merchant)
            async let watched = world.installation.run("compose/sluice", ["run", "watch", "\(run)"])
            for _ in 0..<2 {
                try await Task.sleep(for: .seconds(1))
                #expect(try await world.run(run).report == nil, "the run ended before the restart")
                _ = try await Self.replace("scheduler", in: world)
            }
            let answer = try await watched
            #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
            let phases = answer.errors.split(separator: "\n").map(String.init)
            #expect(phases.count == Set(phases).count, "\(phases)")
            let shown = try await world.installation.run("compose/sluice", ["run", "show", "\(run)"])
            #expect(answer.output == shown.output)
            try await world.installation.stop()
        }

        /// - Returns: How long the service took to stop.
        private static func replace(_ service: String, in world: World) async throws -> Duration {
            let start = ContinuousClock.now
            let ending = try await world.installation.end(service, with: 15)
            #expect(ending == .exited(0) || ending == .gone, "\(service) ended by \(ending)")
            let stopped = ContinuousClock.now - start
            #expect(stopped < .seconds(30))
            let ready = try await world.restart(service)
            #expect(ready < .seconds(5))
            return stopped
        }
    }
}
