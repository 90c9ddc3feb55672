import CoreTypes
import MonitorAPI
import MonitorService
import SchedulerAPI
import Testing

@Suite struct SourceChangeNoteTests {
    private func change(_ field: String, isMapped: Bool) -> SourceFieldChange {
        SourceFieldChange(field: field, change: .retyped, was: .text, now: .number, isMapped: isMapped)
    }

    @Test func `what has become of the source's fields is noted and signed, whatever the verdict`() async throws {
        let monitor = try MonitorFixture()
        let plain = try await monitor.judge(.steady { $0.sourceChanges = [self.change("U_New", isMapped: false)] })
        #expect(plain.verdict == .complete)
        #expect(plain.notes == ["note_source_fields_changed"])
        #expect(plain.sourceChanges?.map(\.field) == ["U_New"])
        let mapped = try await monitor.judge(
            .steady {
                $0.attempt = 2
                $0.countAfter = 999
                $0.sourceChanges = [self.change("ItemName", isMapped: true), self.change("U_New", isMapped: false)]
            })
        #expect(mapped.verdict == .changedWhileReading)
        #expect(mapped.notes == ["note_source_mapped_fields_changed"])
        #expect(mapped.sourceChanges?.map(\.field) == ["ItemName", "U_New"])
    }

    @Test func `without a change nothing is noted`() async throws {
        let verdict = try await MonitorFixture().judge(.steady())
        #expect(verdict.notes.isEmpty)
        #expect(verdict.sourceChanges == nil)
    }
}

@Suite struct JudgementTests {
    private func verdict(_ evidence: ImportEvidence) -> Verdict {
        Judgement(of: evidence, isMonitored: true).verdict
    }

    // MARK: Nothing is wrong

    @Test func `steady counts, each key once and a still token are complete without a second sweep`() {
        let judgement = Judgement(of: .steady(), isMonitored: true)
        #expect(judgement.verdict == .complete)
        #expect(judgement.reason == "run_complete")
        #expect(judgement.faultyPage == nil)
        #expect(judgement.notes.isEmpty)
        #expect(judgement.checksNotMade.isEmpty)
        #expect(judgement.checksMade.count == 9)
    }

    @Test func `a first import, with nothing published before, is complete`() {
        #expect(verdict(.steady { $0.previousCount = 0 }) == .complete)
    }

    @Test func `a source that never had items is complete with none`() {
        #expect(
            verdict(
                .steady(0) {
                    $0.dropToken()
                    $0.sweepAlike()
                }) == .complete)
    }

    @Test func `far fewer items than last time are complete when the source counts as many`() {
        #expect(verdict(.steady(10) { $0.previousCount = 1000 }) == .complete)
    }

    @Test func `a busy source is complete when the second sweep shows the same keys, and the edits are noted`() {
        let judgement = Judgement(
            of: .steady {
                $0.moveToken()
                $0.sweepAlike()
            }, isMonitored: true)
        #expect(judgement.verdict == .complete)
        #expect(judgement.notes == ["note_edited_while_reading"])
        #expect(judgement.checksNotMade.isEmpty)
    }

    @Test func `stock that the change token does not cover is listed as not checked, and publishes all the same`() {
        let judgement = Judgement(
            of: .steady {
                $0.modules = [.products, .stock]
                $0.unmarkedModules = [.stock]
            }, isMonitored: true)
        #expect(judgement.verdict == .complete)
        #expect(judgement.checksNotMade.contains("check_stock_moment"))
        #expect(judgement.checksMade.contains("check_change_token"))
    }

    @Test func `rows are not items: where only those of the shop are known, nobody says that all was read`() {
        // Two items more are counted than the list gives out; of a shop of 900 rows nobody knows which items it has.
        func lacking(_ change: (inout ImportEvidence) -> Void = { _ in }) -> Verdict {
            verdict(
                .steady(1000) {
                    $0.countBefore = 1002
                    $0.countAfter = 1002
                    $0.previousCount = 900
                    change(&$0)
                })
        }
        #expect(lacking() == .notComparable)
        #expect(lacking { $0.previousIsRows = true } == .incomplete)
    }

    @Test func `a source without a change token is complete by the second sweep, and says the token was not checked`() {
        let judgement = Judgement(
            of: .steady {
                $0.dropToken()
                $0.sweepAlike()
            }, isMonitored: true)
        #expect(judgement.verdict == .complete)
        #expect(judgement.notes.isEmpty)
        #expect(judgement.checksNotMade == ["check_change_token"])
    }

    // MARK: A second sweep is needed

    @Test(arguments: [true, false])
    func `equal counts without a still token and without a second sweep are unverifiable`(hasToken: Bool) {
        #expect(verdict(.steady { if hasToken { $0.moveToken() } else { $0.dropToken() } }) == .unverifiable)
    }

    @Test func `a token given only once is no token`() {
        #expect(verdict(.steady { $0.changeTokenAfter = nil }) == .unverifiable)
    }

    @Test func `a second sweep that sees a key twice does not confirm`() {
        #expect(
            verdict(
                .steady {
                    $0.moveToken()
                    $0.sweep = SweepEvidence(
                        rowsRead: 1001, distinctKeys: 1000, notReadBefore: 0, goneSince: 0, sameDuplicates: false)
                }) == .changedWhileReading)
    }

    @Test func `a second sweep that contradicts a still token wins`() {
        #expect(
            verdict(
                .steady {
                    $0.sweep = SweepEvidence(
                        rowsRead: 1000, distinctKeys: 1000, notReadBefore: 1, goneSince: 1, sameDuplicates: true)
                }) == .changedWhileReading)
    }

    // MARK: Counts that move

    @Test(arguments: [999, 1001])
    func `a count that went up or down is changed while reading, though all the first count said was read`(after: Int) {
        #expect(verdict(.steady { $0.countAfter = after }) == .changedWhileReading)
    }

    @Test func `a count that went up is changed while reading, though as many were read as counted last`() {
        #expect(
            verdict(
                .steady {
                    $0.countAfter = 1001
                    $0.rowsRead = 1001
                    $0.distinctKeys = 1001
                }) == .changedWhileReading)
    }

    // MARK: Duplicates

    @Test func `a key read twice without a second sweep is changed while reading, though the token stood still`() {
        #expect(verdict(.steady { $0.readTwice("A1", pages: [1, 2]) }) == .changedWhileReading)
    }

    @Test func `fewer keys than rows is a duplicate even when none is listed`() {
        #expect(verdict(.steady { $0.distinctKeys = 999 }) == .changedWhileReading)
    }

    @Test func `duplicates seen alike while the source was edited are changed while reading`() {
        #expect(
            verdict(
                .steady {
                    $0.moveToken()
                    $0.readTwice("A1", pages: [1])
                    $0.sweep = SweepEvidence(
                        rowsRead: 1000, distinctKeys: 999, notReadBefore: 0, goneSince: 0, sameDuplicates: true)
                }) == .changedWhileReading)
    }

    @Test func `the source's own duplicates do not hide that rows are missing too`() {
        #expect(
            verdict(
                .steady {
                    $0.rowsRead = 990
                    $0.readTwice("A1", pages: [1])
                    $0.sweep = SweepEvidence(
                        rowsRead: 990, distinctKeys: 989, notReadBefore: 0, goneSince: 0, sameDuplicates: true)
                }) == .incomplete)
    }

    @Test func `the page named is where the first repeated key came again`() {
        let judgement = Judgement(
            of: .steady {
                $0.readTwice("A1", pages: [3, 9])
                $0.duplicates.append(DuplicateKey(key: "A2", pages: [4, 5]))
            }, isMonitored: true)
        #expect(judgement.faultyPage == 5)
    }

    // MARK: Too few and too many

    private func short(_ change: (inout ImportEvidence) -> Void = { _ in }) -> ImportEvidence {
        .steady {
            $0.rowsRead = 983
            $0.distinctKeys = 983
            $0.setPages([500, 483])
            change(&$0)
        }
    }

    @Test func `fewer items than counted at a source that stands still are incomplete, with no page to name`() {
        let judgement = Judgement(of: short(), isMonitored: true)
        #expect(judgement.verdict == .incomplete)
        #expect(judgement.faultyPage == nil)
    }

    @Test func `one item fewer is incomplete`() {
        #expect(
            verdict(
                .steady {
                    $0.rowsRead = 999
                    $0.distinctKeys = 999
                }) == .incomplete)
    }

    @Test func `fewer items without a change token are incomplete, also when the second sweep lacks the same ones`() {
        #expect(verdict(short { $0.dropToken() }) == .incomplete)
        #expect(
            verdict(
                short {
                    $0.dropToken()
                    $0.sweepAlike()
                }) == .incomplete)
    }

    @Test func `fewer items while the source was edited are changed while reading, unless the sweep lacks them too`() {
        #expect(verdict(short { $0.moveToken() }) == .changedWhileReading)
        #expect(
            verdict(
                short {
                    $0.moveToken()
                    $0.sweepAlike()
                }) == .incomplete)
    }

    @Test func `one page with fewer rows than the others is where items were lost`() {
        let judgement = Judgement(
            of: short { $0.setPages([200, 200, 183, 200, 200]) }, isMonitored: true)
        #expect(judgement.faultyPage == 3)
    }

    @Test func `a server that cuts its pages as it likes has no faulty page`() {
        let judgement = Judgement(
            of: short { $0.setPages([200, 150, 120, 199, 183, 131]) }, isMonitored: true)
        #expect(judgement.faultyPage == nil)
    }

    @Test func `more items than counted while the source was edited are changed while reading`() {
        #expect(
            verdict(
                .steady {
                    $0.rowsRead = 1001
                    $0.distinctKeys = 1001
                    $0.moveToken()
                }) == .changedWhileReading)
    }

    // MARK: Items that cannot be read

    @Test(arguments: [true, false])
    func `an item that cannot be read counts as missing, whether or not the connection is monitored`(monitored: Bool) {
        let judgement = Judgement(
            of: .steady {
                $0.distinctKeys = 999
                $0.unreadable = [UnreadableItem(page: 2, position: 7, key: "A9", reason: "item_price_not_a_number")]
                $0.unreadableCount = 1
            }, isMonitored: monitored)
        #expect(judgement.verdict == .incomplete)
        #expect(judgement.reason == "run_unreadable_items")
        #expect(judgement.faultyPage == 2)
    }

    @Test func `where items are missing too, that is said first`() {
        let judgement = Judgement(
            of: .steady {
                ($0.rowsRead, $0.distinctKeys) = (998, 997)
                $0.unreadableCount = 1
            }, isMonitored: true)
        #expect(judgement.reason == "run_incomplete")
    }

    // MARK: Without a count

    @Test func `without a count, what is known to be wrong is refused, for an unverifiable set could be released`() {
        let doubled = ImportEvidence.steady {
            $0.countBefore = nil
            $0.readTwice("A1", pages: [1, 2])
        }
        #expect(verdict(doubled) == .changedWhileReading)
        let moved = ImportEvidence.steady {
            $0.countBefore = nil
            $0.countAfter = nil
            $0.sweep = SweepEvidence(
                rowsRead: 1000, distinctKeys: 1000, notReadBefore: 1, goneSince: 1, sameDuplicates: true)
        }
        #expect(verdict(moved) == .changedWhileReading)
    }

    @Test(arguments: [true, false])
    func `a count that was given once still shows that items are missing, or too many`(isBefore: Bool) {
        func counted(_ count: Int) -> ImportEvidence {
            .steady {
                $0.countBefore = isBefore ? count : nil
                $0.countAfter = isBefore ? nil : count
                $0.previousCount = 0
            }
        }
        #expect(verdict(counted(1000)) == .unverifiable)
        #expect(verdict(counted(1001)) == .incomplete)
        #expect(verdict(counted(999)) == .notComparable)
    }

    // MARK: Monitoring off

    @Test func `with monitoring off a key that came twice is refused all the same: no shop could take both`() {
        let doubled = ImportEvidence.steady {
            $0.countBefore = nil
            $0.readTwice("A1", pages: [1])
            $0.sweep = SweepEvidence(
                rowsRead: 1000, distinctKeys: 999, notReadBefore: 0, goneSince: 0, sameDuplicates: true)
        }
        #expect(Judgement(of: doubled, isMonitored: false).verdict == .sourceHasDuplicates)
        let moved = ImportEvidence.steady { $0.readTwice("A1", pages: [1, 2]) }
        #expect(Judgement(of: moved, isMonitored: false).verdict == .changedWhileReading)
    }

    @Test func `with monitoring off a short read is not judged and says which checks were not made`() {
        let judgement = Judgement(of: short(), isMonitored: false)
        #expect(judgement.verdict == .notJudged)
        #expect(judgement.checksMade == ["check_zero_rule", "check_items_readable"])
        #expect(judgement.checksNotMade.count == 7)
        #expect(judgement.faultyPage == nil)
    }

    @Test func `with monitoring off an import of nothing is still an empty source`() {
        let evidence = ImportEvidence.steady(0) { $0.previousCount = 1 }
        #expect(Judgement(of: evidence, isMonitored: false).verdict == .emptySource)
    }

    @Test func `only complete and not judged publish by themselves`() {
        #expect(Verdict.allCases.filter(\.publishesByItself) == [.complete, .notJudged])
    }

    @Test(arguments: Verdict.allCases)
    func `a verdict permits, holds or refuses, and an approval lets go only what is held`(verdict: Verdict) {
        var body = VerdictBody.example
        body.verdict = verdict
        #expect(body.permitsPublishing == verdict.publishesByItself)
        #expect(body.isHeld == (verdict == .unverifiable))
        body.approval = .example
        #expect(body.permitsPublishing == verdict.publishesByItself, "nothing is held that could be let go")
        body.holds = [.example]
        #expect(body.permitsPublishing == verdict.canBeReleased)
        body.approval = nil
        #expect(!body.permitsPublishing)
        #expect(body.isHeld == verdict.canBeReleased)
    }
}
