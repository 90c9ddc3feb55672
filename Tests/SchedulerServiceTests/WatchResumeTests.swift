import CoreTypes
import Foundation
import Persistence
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import SchedulerService

/// A watcher whose line breaks goes on where it was: each change of the run once, in order.
@Suite struct WatchResumeTests {
    private final class Seen: Sendable {
        private let snapshots = Mutex<[RunSnapshot]>([])
        func add(_ snapshot: RunSnapshot) { snapshots.withLock { $0.append(snapshot) } }
        var numbers: [Int64?] { snapshots.withLock { $0.map(\.number) } }
        var pages: [Int] { snapshots.withLock { $0.map(\.progress.page) } }
        var last: RunSnapshot? { snapshots.withLock { $0.last } }
    }

    private func start(_ scheduler: SchedulerFixture) async throws -> RunID {
        let connection = try await scheduler.addConnection().connectionID
        return try await scheduler.call(StartRun(connectionID: connection, reason: "Watch me")).runID
    }

    private func report(_ scheduler: SchedulerFixture, _ run: ClaimedRun, pages: ClosedRange<Int>) async throws {
        for page in pages {
            _ = try await scheduler.importer().call(
                RenewLease(
                    runID: run.runID, fencingToken: run.fencingToken,
                    progress: RunProgress(phase: .extracting, fetched: page * 10, expected: 9000, page: page)))
        }
    }

    private func watch(_ scheduler: SchedulerFixture, _ run: RunID, after: Int64?, _ seen: Seen) async throws {
        _ = try await scheduler.operatorAnna.stream(
            WatchRun(runID: run, after: after), options: CallOptions()
        ) { seen.add($0) }
    }

    @Test func `a stream asked for again goes on behind the last number, without a gap and nothing twice`()
        async throws
    {
        let scheduler = try SchedulerFixture()
        let run = try await start(scheduler)
        let claimed = try #require(try await scheduler.claim())
        let seen = Seen()
        for _ in 0..<20 {
            let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
            let watcher = Task { [after = seen.last?.number] in
                _ = try? await scheduler.operatorAnna.stream(
                    WatchRun(runID: run, after: after), options: CallOptions()
                ) {
                    seen.add($0)
                    arrived.yield()
                }
            }
            let page = (seen.last?.progress.page ?? 0) + 1
            try await report(scheduler, claimed, pages: page...page)
            var steps = arrivals.makeAsyncIterator()
            while (seen.last?.progress.page ?? 0) < page { await steps.next() }
            // Cut off, and more happens while nobody watches.
            watcher.cancel()
            await watcher.value
            try await report(scheduler, claimed, pages: page + 1...page + 3)
        }
        try await scheduler.finish(claimed, .published)
        try await watch(scheduler, run, after: seen.last?.number, seen)
        let numbers = seen.numbers.compactMap(\.self)
        let first = try #require(numbers.first)
        #expect(numbers == Array(first..<first + Int64(numbers.count)))
        #expect(seen.pages.dropFirst().allSatisfy { $0 > 0 })
        #expect(seen.last?.outcome == .published)
    }

    @Test func `after a restart of the scheduler the numbers go on`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = DatabaseLocation.file(folder.appending(path: "scheduler.sqlite").path)
        let first = try SchedulerFixture(file)
        let run = try await start(first)
        let claimed = try #require(try await first.claim())
        try await report(first, claimed, pages: 1...5)
        try first.database.close()

        let second = try SchedulerFixture(file, clock: first.clock, randomness: .counted(from: 1_000_000))
        try await report(second, claimed, pages: 6...7)
        try await second.finish(claimed)
        let seen = Seen()
        // Queued is 1 and claimed is 2, so page 3 was number 5.
        try await watch(second, run, after: 5, seen)
        #expect(seen.numbers == [6, 7, 8, 9, 10])
        #expect(seen.pages == [4, 5, 6, 7, 7])
        #expect(seen.last?.state == .finished)
    }

    @Test func `a lease kept without any progress is no news`() async throws {
        let scheduler = try SchedulerFixture()
        let run = try await start(scheduler)
        let claimed = try #require(try await scheduler.claim())
        for _ in 0..<5 { try await report(scheduler, claimed, pages: 1...1) }
        try await scheduler.finish(claimed)
        let seen = Seen()
        try await watch(scheduler, run, after: 0, seen)
        #expect(seen.numbers == [1, 2, 3, 4])
    }

    @Test func `of a long run the last thousand are kept, and of one that is long over only its end`() async throws {
        let scheduler = try SchedulerFixture()
        let run = try await start(scheduler)
        let claimed = try #require(try await scheduler.claim())
        try await report(scheduler, claimed, pages: 1...1200)
        try await scheduler.finish(claimed)
        let seen = Seen()
        try await watch(scheduler, run, after: 1, seen)
        let last = try #require(seen.last?.number)
        #expect(last == 1203)
        #expect(seen.numbers.count <= 1100)
        #expect(seen.numbers.compactMap(\.self) == Array((last - Int64(seen.numbers.count) + 1)...last))

        scheduler.advance(by: 3601)
        try await scheduler.passes()
        let later = Seen()
        try await watch(scheduler, run, after: nil, later)
        #expect(later.numbers == [1203])
        let none = Seen()
        try await watch(scheduler, run, after: 1203, none)
        #expect(none.numbers == [])
    }

    @Test func `a number that was never given shows how the run is now`() async throws {
        let scheduler = try SchedulerFixture()
        let run = try await start(scheduler)
        try await scheduler.work()
        let seen = Seen()
        try await watch(scheduler, run, after: 99, seen)
        #expect(seen.numbers == [3])
    }
}
