import CoreTypes
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// kill -9 of any service at any moment of an import.
    @Suite struct RandomKillTests {
        static let services = ["scheduler", "importer", "monitor", "notifier", "billing"]

        /// 25 kills in every run, 500 with `--long`; every fifth during a rollback.
        @Test func `kill -9 at random moments loses nothing, doubles nothing and shows the shop whole sets only`()
            async throws
        {
            let kills = LongProof.count(25, long: 500)
            let world = try await World()
            let merchant = try await world.addMerchant("kills")
            let drill = try await KillDrill(world, merchant, seed: 1)
            let ledgers = Ledger.Account.all.map { Ledger($0, world.calls) }

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await drill.watch.run() }
                for ledger in ledgers { group.addTask { await ledger.run() } }
                for number in 1...kills {
                    let service = drill.pick(Self.services)
                    let rollsBack = number % 5 == 0
                    try await drill.kill(
                        service, after: drill.delay() * (rollsBack ? 0.5 : 1), rollingBack: rollsBack, ledgers)
                    if number % 50 == 0 { print("\(number) kills") }
                }
                group.cancelAll()
            }

            for ledger in ledgers { #expect(ledger.count > kills) }
            #expect(try await Self.lost(ledgers) == [])
            let problems = try await Audit(world: world, merchant: merchant).problems(acknowledged: drill.started)
            #expect(problems == [])
            let seen = drill.watch.report()
            #expect(seen.problems == [])
            #expect(seen.looks > kills * 5)
            #expect(seen.statesPublished == kills + 2)
            print(ledgers.map { "\($0.account.service): \($0.count)" }, "writes acknowledged")
            print(drill.summary, seen.looks, "looks,", seen.wholeReads, "whole reads,", seen.statesSeen, "sets seen")
            try await world.installation.stop()
        }

        /// Every write that any service has acknowledged since the beginning, read back.
        private static func lost(_ ledgers: [Ledger]) async throws -> [String] {
            try await withThrowingTaskGroup(of: [String].self) { group in
                for ledger in ledgers {
                    group.addTask { try await ledger.lost().map { "\(ledger.account.service): write \($0)" } }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
    }
}
