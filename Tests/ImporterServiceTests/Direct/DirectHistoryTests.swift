import CoreTypes
import Outbound
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Random histories of a shop without staging: faults, deaths anywhere, cancels, in any order.
@Suite(.serialized) struct DirectHistoryTests {
    /// 3 histories usually, 300 with `--long`.
    @Test(arguments: 0..<LongProof.count(3, long: 300))
    func `whatever happens, a run that is over has published all of its rows or none`(seed: Int) async throws {
        let fate = Fate()
        try await ImportFixture.with(items: 24, crashPoints: fate.crashPoints) { fixture in
            var random = SplitMix(state: UInt64(seed))
            var world = fixture
            var token: Int64 = 1
            #expect(try await world.push()?.outcome == .published)
            for step in 2...6 {
                let before = try await world.directShop().digest
                try await world.changeSource(price: "\(10 + step).\(random.next(below: 9) + 1)")
                world = try await self.step(world, &token, fate, &random)
                let report = try #require(world.scheduler.lastReport)
                let history = "seed \(seed), step \(step): \(report.reason)"
                switch report.outcome {
                case .published, .unchanged:
                    try await world.expectDirectShopShowsSource()
                default:
                    #expect(report.pushed?.live ?? 0 == 0, "\(history)")
                    #expect(try await world.directShop().digest == before, "\(history)")
                }
                #expect(try await world.journal().isEmpty, "\(history)")
                #expect(try await world.unfinishedJournals().allSatisfy { $0 == .reverted }, "\(history)")
            }
            #expect(try await world.push(token: token + 1)?.outcome.isSuccess == true)
            try await world.expectDirectShopShowsSource()
        }
    }

    /// One run with something wrong, and what follows until it is over.
    private func step(
        _ world: ImportFixture, _ token: inout Int64, _ fate: Fate, _ random: inout SplitMix
    ) async throws -> ImportFixture {
        var world = world
        try await order(random.next(below: 6), in: world)
        let cancels = random.next(below: 5) == 0
        if cancels {
            let scheduler = world.scheduler
            scheduler.change { state in
                state.onRenewal = { progress in
                    if progress.phase == .publishing, progress.sent > 0 {
                        scheduler.change { $0.cancelRequested = true }
                    }
                }
            }
        }
        let reports = world.scheduler.change { $0.reports.count }
        let points = ImporterService.directCrashPoints.sorted()
        let death = try Death(at: points[random.next(below: points.count)], passage: 1 + random.next(below: 3))
        token += 1
        fate.set(death, over: world.folder.path)
        _ = try? await world.push(token: token, leaseMs: 2_000, with: try await world.importer(dyingBy: death))
        fate.clear()
        if death.isDead {
            try death.checkCopied()
            world = try world.inheriting(death.remains)
        }
        // The shop is mended for good only after recovery has met its fault once more.
        _ = try? await world.importer().recovery.pass()
        try await world.repair("direct")
        _ = try await world.importer().recovery.pass()
        world.scheduler.change { state in
            state.cancelRequested = false
            state.onRenewal = nil
        }
        if world.scheduler.change({ $0.reports.count }) == reports {
            // Found lost before anything was sent: nobody has told anything of it.
            token += 1
            _ = try await world.push(token: token)
        }
        return world
    }

    private func order(_ choice: Int, in world: ImportFixture) async throws {
        switch choice {
        case 0: try await world.misbehave(.dropAfterBatch, on: "direct") { $0.times = 2 }
        case 1:
            try await world.misbehave(.failInBatch, on: "direct") {
                $0.page = 5
                $0.times = 1
            }
        case 2: try await world.refuseOneStockRow()
        case 3: try await world.misbehave(.serverErrors, on: "direct") { $0.times = 2 }
        case 4: try await world.misbehave(.throttle, on: "direct") { $0.count = 3 }
        default: break
        }
    }
}

/// Which death lurks now; the crash points of a world are given once, at its beginning.
private final class Fate: Sendable {
    private let death = Mutex<Death?>(nil)

    var crashPoints: CrashPoints {
        CrashPoints { [self] name in death.withLock { $0 }?.crashPoints.passing(name) }
    }

    func set(_ new: Death, over folder: String) {
        new.lurk(over: folder)
        death.withLock { $0 = new }
    }

    func clear() { death.withLock { $0 = nil } }
}

private struct SplitMix {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }
}
