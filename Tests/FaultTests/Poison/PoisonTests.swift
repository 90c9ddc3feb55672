import CoreTypes
import NotifierAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// One merchant whose catalogue breaks whoever reads it, among healthy ones.
    @Suite struct PoisonTests {
        /// Beside 5 healthy merchants in every run, 50 with `--long`.
        @Test(.timeLimit(.minutes(60)))
        func `a poisonous merchant is parked after five tries and told of, and the others start on time`()
            async throws
        {
            let ward = try await PoisonWard(healthy: LongProof.count(5, long: 50))
            for poison in Poison.allCases {
                do { try await prove(poison, in: ward) } catch { Issue.record("\(poison): \(error)") }
            }
            try await ward.close()
        }

        private func prove(_ poison: Poison, in ward: PoisonWard) async throws {
            let merchant = try await ward.addPoisonous(poison)
            let load = HealthyLoad(ward.world, ward.healthy)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for healthy in ward.healthy { group.addTask { await load.run(healthy) } }
                let tries = try await ward.tryUntilParked(merchant, poison)
                #expect(tries == 5, "\(poison)")
                load.stop()
                try await group.waitForAll()
            }

            let shown = try await ward.world.calls(DescribeConnection(connectionID: merchant.connectionID)).connection
            #expect(shown.effectiveState.reason == .parked, "\(poison)")
            #expect(shown.parked?.tries == 5)
            let mails = try await ward.parkingMails(of: merchant)
            #expect(mails.map(\.address).sorted() == merchant.addresses)

            #expect(load.problems == [])
            for healthy in ward.healthy { _ = try await ward.world.publish(healthy) }
            #expect(load.delays.count >= ward.healthy.count)
            let p99 = load.delays.sorted()[load.delays.count * 99 / 100]
            let usual = ward.usualDelay
            let bearable = usual + .seconds(1) + (poison == .crash ? ward.downtime : .zero)
            #expect(p99 < bearable, "healthy merchants started after \(p99), usually after \(usual)")
            print(poison, "healthy runs:", load.delays.count, "start after", p99, "at most; undisturbed", usual)

            let released = try await ward.world.calls(
                ReleaseConnection(connectionID: merchant.connectionID, reason: "test"))
            #expect(released.wasParked)
            #expect(released.connection.effectiveState.reason != .parked)
        }
    }
}

/// What can be wrong with a catalogue.
enum Poison: String, CaseIterable {
    /// The importer ends whenever it reads it.
    case crash
    /// Half a page comes, and then nothing.
    case hang
    /// A page of two gigabytes.
    case huge
    /// Each page has a link to one more.
    case endless
    /// Pages break off in the middle.
    case json
}
