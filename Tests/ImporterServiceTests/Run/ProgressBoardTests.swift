import CoreTypes
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

@Suite struct ProgressBoardTests {
    private let clock = ManualClock()
    private var board: ProgressBoard { .test(clock) }

    @Test func `a run nothing moves of has stalled since it last did, until something moves again`() {
        let board = board
        board.update { $0.phase = .extracting }
        clock.advance(by: .seconds(5))
        board.update { $0.fetched = 20 }
        let moved = clock.wallClock.now()
        clock.advance(by: .seconds(60))
        #expect(board.current.stalledSince == nil)
        clock.advance(by: .milliseconds(1))
        #expect(board.current.stalledSince == moved)
        #expect(board.current.lastActivityAt == moved)
        board.touch()
        #expect(board.current.stalledSince == nil)
        #expect(board.current.lastActivityAt == clock.wallClock.now())
    }

    @Test func `writing down what has not changed is no activity`() {
        let board = board
        board.update { $0.page = 3 }
        clock.advance(by: .seconds(61))
        board.update { $0.page = 3 }
        #expect(board.current.stalledSince != nil)
        board.update { $0.page = 4 }
        #expect(board.current.stalledSince == nil)
    }

    @Test func `rate and time left are those of the last half minute of the step in hand`() {
        let board = board
        board.update { progress in
            progress.phase = .extracting
            progress.expected = 1_000
        }
        #expect(board.current.itemsPerMinute == nil)
        for _ in 1...40 {
            clock.advance(by: .seconds(1))
            board.update { $0.fetched += 5 }
            _ = board.current
        }
        #expect(board.current.itemsPerMinute == 300)
        #expect(board.current.secondsLeft == 160)
        for _ in 1...40 {
            clock.advance(by: .seconds(1))
            board.update { $0.fetched += 10 }
            _ = board.current
        }
        #expect(board.current.itemsPerMinute == 600)
        #expect(board.current.secondsLeft == 40)
    }

    @Test func `a new step begins at a rate of its own, and what stands still has no time left to tell`() {
        let board = board
        for phase in [RunPhase.extracting, .publishing] {
            board.update { progress in
                progress.phase = phase
                progress.toPublish = 50
            }
            #expect(board.current.itemsPerMinute == nil)
            clock.advance(by: .seconds(2))
            #expect(board.current.itemsPerMinute == 0)
            #expect(board.current.secondsLeft == nil)
        }
    }
}

extension ProgressBoard {
    /// Stalls after a minute.
    static func test(_ clock: ManualClock) -> ProgressBoard {
        ProgressBoard(clock: clock, wallClock: clock.wallClock, stallsAfter: .seconds(60))
    }
}
