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
        @Test(.timeLimit(.minutes(60)))
        func `an importer that wakes after its lease publishes nothing, mails nothing and counts nothing`()
            async throws
        {
            let rounds = LongProof.count(5, long: 100)
            // At the shop is where harm could be done.
            let moments: [LeaseTheft.Moment] = [.committing, .uploading, .reading, .committing, .uploading]
            let theft = try await LeaseTheft(merchants: 10)
            for round in 1...rounds {
                let problems = try await theft.round(round, moments[round % moments.count])
                #expect(problems == [])
            }
            for merchant in theft.merchants {
                let started = theft.started.filter { $0.merchant == merchant.id }.map(\.run)
                let problems = try await Audit(world: theft.world, merchant: merchant).problems(acknowledged: started)
                #expect(problems == [])
            }
            let tries = theft.started.count
            #expect(tries == rounds * 10)
            print(
                tries, "tries; caught while", theft.caught.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
            // Most were caught in the middle; those that had ended before are no tries.
            #expect(theft.caught.values.reduce(0, +) * 10 >= tries * 6)
            let inUpload = theft.caught["uploading", default: 0]
            let aroundCommit = theft.caught["committing", default: 0] + theft.caught["committed", default: 0]
            #expect((inUpload + aroundCommit) * 3 >= tries, "a third at the shop")
            #expect(aroundCommit * 10 >= tries, "a tenth around the commit")
            #expect(theft.caught["reading", default: 0] > 0)
            try await theft.world.installation.stop()
        }
    }
}
