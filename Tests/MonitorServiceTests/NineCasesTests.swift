import CoreTypes
import MonitorAPI
import MonitorService
import SchedulerAPI
import Testing

/// The nine things that happen to a read of 1,000 items, each with the verdict that is wanted.
@Suite struct NineCasesTests {
    private func verdict(_ evidence: ImportEvidence) -> Verdict {
        Judgement(of: evidence, isMonitored: true).verdict
    }

    @Test func `case a, an item already read moves to the end, is changed while reading`() {
        let evidence = ImportEvidence.steady {
            $0.moveToken()
            $0.readTwice("A0007", pages: [1, 2])
        }
        let judgement = Judgement(of: evidence, isMonitored: true)
        #expect(judgement.verdict == .changedWhileReading)
        #expect(judgement.faultyPage == 2)
    }

    @Test func `case a is also found at a source without a change token`() {
        #expect(
            verdict(
                .steady {
                    $0.dropToken()
                    $0.readTwice("A0007", pages: [1, 2])
                    $0.sweep = SweepEvidence(
                        rowsRead: 1000, distinctKeys: 1000, notReadBefore: 1, goneSince: 0, sameDuplicates: false)
                }) == .changedWhileReading)
    }

    @Test func `case b, an item already read is deleted, is changed while reading`() {
        #expect(
            verdict(
                .steady {
                    $0.countAfter = 999
                    $0.rowsRead = 999
                    $0.distinctKeys = 999
                }) == .changedWhileReading)
    }

    @Test func `case c, an item is inserted in a part already read, is changed while reading`() {
        #expect(
            verdict(
                .steady {
                    $0.countAfter = 1001
                    $0.rowsRead = 1001
                    $0.moveToken()
                    $0.readTwice("A0500", pages: [1, 2])
                }) == .changedWhileReading)
    }

    @Test(arguments: [true, false])
    func `case d, one deleted and one inserted, is changed while reading by the second sweep`(hasToken: Bool) {
        #expect(
            verdict(
                .steady {
                    if hasToken { $0.moveToken() } else { $0.dropToken() }
                    $0.sweep = SweepEvidence(
                        rowsRead: 1000, distinctKeys: 1000, notReadBefore: 1, goneSince: 1, sameDuplicates: true)
                }) == .changedWhileReading)
    }

    @Test func `case e, a capped page taken for the end, is incomplete and names the page`() {
        let judgement = Judgement(
            of: .steady {
                $0.rowsRead = 20
                $0.distinctKeys = 20
                $0.setPages([20])
            }, isMonitored: true)
        #expect(judgement.verdict == .incomplete)
        #expect(judgement.faultyPage == 1)
    }

    @Test func `case f, nothing where there were items, is an empty source though the counts agree`() {
        #expect(
            verdict(
                .steady(0) {
                    $0.previousCount = 1000
                    $0.sweepAlike()
                }) == .emptySource)
    }

    @Test func `case g, two rows with one key seen alike in both sweeps, are duplicates of the source`() {
        let judgement = Judgement(
            of: .steady {
                $0.readTwice("A0042", pages: [1])
                $0.sweep = SweepEvidence(
                    rowsRead: 1000, distinctKeys: 999, notReadBefore: 0, goneSince: 0, sameDuplicates: true)
            }, isMonitored: true)
        #expect(judgement.verdict == .sourceHasDuplicates)
        #expect(judgement.faultyPage == 1)
    }

    @Test func `case h, a count with another filter than the read, is not comparable`() {
        #expect(verdict(.steady { $0.countFilter = "" }) == .notComparable)
    }

    @Test func `case h seen by the figures alone, more items than the source counts, is not comparable`() {
        #expect(
            verdict(
                .steady {
                    $0.rowsRead = 1200
                    $0.distinctKeys = 1200
                }) == .notComparable)
    }

    @Test func `case h with the larger count, a count beyond everything that was ever published, is not comparable`() {
        let counted = ImportEvidence.steady {
            $0.countBefore = 1020
            $0.countAfter = 1020
        }
        #expect(verdict(counted) == .notComparable)
        var first = counted
        first.previousCount = 0
        #expect(verdict(first) == .incomplete, "without a published set nothing tells the two apart")
        var lost = counted
        lost.missingCount = 17
        #expect(verdict(lost) == .incomplete)
    }

    @Test(arguments: [(nil, 1000), (1000, nil), (nil, nil)] as [(Int?, Int?)])
    func `case i, no count to be had, is unverifiable and never complete`(before: Int?, after: Int?) {
        #expect(
            verdict(
                .steady {
                    $0.countBefore = before
                    $0.countAfter = after
                    $0.sweepAlike()
                }) == .unverifiable)
    }
}
