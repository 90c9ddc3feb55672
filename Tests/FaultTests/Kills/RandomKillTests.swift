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

        /// 25 kills in every run, 500 with `--long`.
        @Test func `kill -9 at random moments loses nothing, doubles nothing and shows the shop whole sets only`()
            async throws
        {
            let kills = LongProof.count(25, long: 500)
            let world = try await World()
            let merchant = try await world.addMerchant("kills")
            let bystander = try await world.addMerchant("bystander", items: 20)
            let drill = try await KillDrill(world, merchant, seed: 1)
            let ledgers = Ledger.Account.all(scheduler: bystander).map { Ledger($0, world.calls) }

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await drill.watch.run() }
                for ledger in ledgers { group.addTask { await ledger.run() } }
                for number in 1...kills {
                    let service = drill.pick(Self.services)
                    try await drill.kill(service, after: drill.delay(), ledgers)
                    if number % 50 == 0 { print("\(number) kills") }
                }
                group.cancelAll()
            }

            for ledger in ledgers {
                #expect(ledger.count > kills)
                let lost = try await ledger.lost()
                #expect(lost == [], "\(ledger.account.service) lost what it had acknowledged")
            }
            let problems = try await Audit(world: world, merchant: merchant).problems(acknowledged: drill.started)
            #expect(problems == [])
            let seen = drill.watch.report()
            #expect(seen.problems == [])
            #expect(seen.looks > kills * 5)
            #expect(seen.statesPublished == kills + 2)
            print(drill.summary, seen.looks, "looks,", seen.wholeReads, "whole reads,", seen.statesSeen, "sets seen")
            try await world.installation.stop()
        }
    }
}
