import CoreTypes
import NotifierAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// An importer that stood still while its runs were given to another one.
    @Suite struct LeaseTheftTests {
        /// Ten runs in the hand of the one that stands still, five times: 50 tries in every run, 1,000 with `--long`.
        @Test func `an importer that wakes after its lease publishes nothing, mails nothing and counts nothing`()
            async throws
        {
            let rounds = LongProof.count(5, long: 100)
            let theft = try await LeaseTheft(merchants: 10)
            for round in 1...rounds {
                let problems = try await theft.round(round)
                #expect(problems == [])
            }
            for merchant in theft.merchants {
                let started = theft.started.filter { $0.merchant == merchant.id }.map(\.run)
                let problems = try await Audit(world: theft.world, merchant: merchant).problems(acknowledged: started)
                #expect(problems == [])
            }
            let tries = theft.started.count
            #expect(tries == rounds * 10)
            // Most were caught in the middle; those that had ended before are no tries.
            #expect(theft.caught.values.reduce(0, +) * 10 >= tries * 6)
            print(
                tries, "tries; caught while", theft.caught.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
            try await theft.world.installation.stop()
        }
    }
}
