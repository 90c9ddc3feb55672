import CoreTypes
import MonitorAPI
import MonitorService
import SchedulerAPI
import Testing

/// What a complete import may do to a shop by itself.
@Suite struct LimitsTests {
    private func judge(_ evidence: ImportEvidence) -> Judgement { judge(PolicyRules(), evidence) }

    private func judge(_ rules: PolicyRules, mustHaveVersion: Int64 = 0, _ evidence: ImportEvidence) -> Judgement {
        Judgement(of: evidence, under: JudgingPolicy(rules: rules, mustHaveVersion: mustHaveVersion))
    }

    private func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? .zero }

    // MARK: Tolerance

    private func lacking(_ count: Int, _ change: (inout ImportEvidence) -> Void = { _ in }) -> ImportEvidence {
        .steady {
            $0.rowsRead -= count
            $0.distinctKeys -= count
            $0.missingCount = count
            change(&$0)
        }
    }

    @Test func `without a tolerance one missing item is incomplete`() {
        #expect(judge(lacking(1)).verdict == .incomplete)
        #expect(judge(lacking(1)).tolerance == nil)
    }

    @Test func `fewer by no more than is tolerated is complete, and says so with both figures`() {
        let judgement = judge(PolicyRules(tolerance: 3), lacking(3))
        #expect(judgement.verdict == .complete)
        #expect(judgement.reason == "run_within_tolerance")
        #expect(judgement.tolerance == ToleranceUse(allowed: 3, lacking: 3))
        #expect(judgement.notes == ["note_within_tolerance"])
        let beyond = judge(PolicyRules(tolerance: 3), lacking(4))
        #expect(beyond.verdict == .incomplete)
        #expect(beyond.tolerance == ToleranceUse(allowed: 3, lacking: 4), "told also of what it did not suffice for")
        #expect(beyond.notes.isEmpty)
    }

    @Test func `a tolerance that was not needed is shown all the same, and nothing is said to be missing`() {
        let judgement = judge(PolicyRules(tolerance: 3), .steady())
        #expect(judgement.tolerance == ToleranceUse(allowed: 3, lacking: 0))
        #expect(judgement.reason == "run_complete")
        #expect(judgement.notes.isEmpty)
    }

    @Test func `a tolerance forgives missing items only: nothing unreadable, doubled, moved, or in excess`() {
        let rules = PolicyRules(tolerance: 5)
        #expect(judge(rules, .steady { $0.unreadableCount = 1 }).verdict == .incomplete)
        #expect(judge(rules, .steady { $0.countAfter = 999 }).verdict == .changedWhileReading)
        #expect(judge(rules, .steady { $0.readTwice("A1", pages: [1, 2]) }).verdict == .changedWhileReading)
        let moved = lacking(1) {
            $0.moveToken()
            $0.sweep = SweepEvidence(
                rowsRead: 1000, distinctKeys: 1000, notReadBefore: 1, goneSince: 0, sameDuplicates: true)
        }
        #expect(judge(rules, moved).verdict == .changedWhileReading)
        let more = ImportEvidence.steady {
            $0.rowsRead = 1001
            $0.distinctKeys = 1001
        }
        #expect(judge(rules, more).verdict == .notComparable)
    }

    @Test func `nothing of a few is not a few less`() {
        let none = ImportEvidence.steady(3) {
            $0.rowsRead = 0
            $0.distinctKeys = 0
            $0.previousCount = 0
        }
        #expect(judge(PolicyRules(tolerance: 5), none).verdict == .incomplete)
    }

    // MARK: Drop guard

    @Test func `an import is held that drops more than both limits, with the figures to agree to`() {
        let judgement = judge(.steady(600) { $0.drop(400, of: 1000) })
        #expect(judgement.verdict == .complete)
        #expect(judgement.reason == "run_held_drop_guard")
        #expect(judgement.holds.count == 1)
        let hold = judgement.holds[0]
        #expect(hold.count == 400)
        #expect(hold.of == 1000)
        #expect(hold.limitCount == 20)
        #expect(hold.limitPercent == ExactDecimal(10))
        #expect(hold.percent == ExactDecimal(40))
        #expect(hold.arguments["held"] == "400")
    }

    @Test(arguments: [
        (20, 30, false), (21, 30, true), (100, 1000, false), (101, 1000, true), (3, 4, false), (21, 211, false),
        (21, 210, false), (21, 209, true),
    ])
    func `both limits have to be passed`(dropped: Int, all: Int, isHeld: Bool) {
        #expect(judge(.steady(all - dropped) { $0.drop(dropped, of: all) }).holds.isEmpty != isHeld)
    }

    @Test func `emptying items counts as dropping them, each once`() {
        let emptied = ImportEvidence.steady {
            $0.content?.emptied = 300
            $0.content?.unpriced = 200
            $0.content?.removed = 0
            $0.content?.dropped = 350
        }
        #expect(judge(emptied).holds.first?.count == 350)
    }

    @Test func `a drop guard that is off holds nothing and is not among the checks`() {
        let judgement = judge(PolicyRules(dropGuard: nil), .steady(600) { $0.drop(400, of: 1000) })
        #expect(judgement.holds.isEmpty)
        #expect(!(judgement.checksMade + judgement.checksNotMade).contains("check_drop_guard"))
    }

    @Test func `where nobody knows what the shop has, the guard says that it could not look`() {
        let judgement = judge(.steady { $0.content?.compared = nil })
        #expect(judgement.holds.isEmpty)
        #expect(judgement.checksNotMade.contains("check_drop_guard"))
    }

    @Test func `where only removals could be counted, that is what is listed as made, and the guard as not made`() {
        let partly = ImportEvidence.steady {
            $0.modules = [.products, .prices, .stock]
            $0.content?.removed = 5
            $0.content?.emptied = nil
            $0.content?.unpriced = nil
        }
        let judgement = judge(partly)
        #expect(judgement.checksMade.contains("check_drop_guard_removed"))
        #expect(judgement.checksNotMade.contains("check_drop_guard"))
        let wholly = judge(.steady { $0.drop(5, of: 1000) })
        #expect(wholly.checksMade.contains("check_drop_guard"))
        #expect(!(wholly.checksMade + wholly.checksNotMade).contains("check_drop_guard_removed"))
    }

    @Test func `an importer that tells only what is missing is guarded by that`() {
        let judgement = judge(
            .steady(600) {
                $0.drop(400, of: 1000)
                $0.content = nil
            })
        #expect(judgement.holds.map(\.kind) == [.dropGuard])
    }

    @Test func `what is refused is not held as well, and with monitoring off nothing is`() {
        let short = ImportEvidence.steady {
            $0.drop(400, of: 1000)
            $0.rowsRead = 600
            $0.distinctKeys = 600
        }
        #expect(judge(short).verdict == .incomplete)
        #expect(judge(short).holds.isEmpty)
        let off = Judgement(of: .steady(600) { $0.drop(400, of: 1000) }, isMonitored: false)
        #expect(off.verdict == .notJudged)
        #expect(off.holds.isEmpty)
    }

    @Test func `what cannot be told to be complete is held, and for the drop too`() {
        let judgement = judge(
            .steady(600) {
                $0.drop(400, of: 1000)
                $0.countBefore = nil
            })
        #expect(judgement.verdict == .unverifiable)
        #expect(judgement.holds.map(\.kind) == [.unverifiable, .dropGuard])
        #expect(judgement.reason == "run_unverifiable")
    }

    // MARK: Must-have items

    @Test func `an import without a must-have item, or with its price at 0, is held and names them`() {
        let rules = PolicyRules(mustHave: ["A1", "A2", "A3"])
        let found = ImportEvidence.steady {
            $0.content?.mustHave = MustHaveEvidence(listVersion: 4, missing: ["A1"], unpriced: ["A3"])
        }
        let judgement = judge(rules, mustHaveVersion: 4, found)
        #expect(judgement.reason == "run_held_must_have")
        #expect(judgement.holds[0].missing == ["A1"])
        #expect(judgement.holds[0].unpriced == ["A3"])
        #expect(judgement.holds[0].count == 2)
        #expect(judgement.holds[0].arguments["items"] == "A1, A3")
        #expect(judgement.checksMade.contains("check_must_have"))
    }

    @Test func `when all must-have items are there nothing is held`() {
        let found = ImportEvidence.steady {
            $0.content?.mustHave = MustHaveEvidence(listVersion: 4, missing: [], unpriced: [])
        }
        #expect(judge(PolicyRules(mustHave: ["A1"]), mustHaveVersion: 4, found).holds.isEmpty)
    }

    @Test func `a list nobody looked for, or an older one, holds the import: nobody knows whether they are there`() {
        let rules = PolicyRules(mustHave: ["A1"])
        let old = ImportEvidence.steady {
            $0.content?.mustHave = MustHaveEvidence(listVersion: 3, missing: [], unpriced: [])
        }
        for evidence in [ImportEvidence.steady(), old] {
            let judgement = judge(rules, mustHaveVersion: 4, evidence)
            #expect(judgement.holds.map(\.kind) == [.mustHave])
            #expect(judgement.reason == "run_held_must_have_unknown")
            #expect(judgement.checksNotMade.contains("check_must_have"))
        }
    }

    // MARK: Control totals

    private func change(_ before: String, _ after: String, list: String = "retail") -> PriceChange {
        PriceChange(priceList: list, currency: "DKK", key: "A1", before: decimal(before), after: decimal(after))
    }

    @Test(arguments: [
        ("100", "150", "50", false), ("100", "150.01", "50", true), ("100", "50", "50", false),
        ("100", "49.99", "50", true), ("0.01", "0.0150001", "50", true), ("100", "0", "99.99", true),
        ("100", "0", "100", false), ("0", "5", "0", false), ("-100", "-160", "50", true),
        ("9999999999999999999999999999999999", "1", "99.99", true),
        ("0.000000000000000000000000000001", "9999999999999999999999999999999999", "100000", true),
        ("33.33", "33.34", "0.03", true), ("33.34", "33.35", "0.03", false),
    ])
    func `the largest price change is held beyond the limit, exactly`(
        before: String, after: String, limit: String, isHeld: Bool
    ) {
        let rules = PolicyRules(controlTotals: ControlTotals(priceChangePercent: decimal(limit)))
        let evidence = ImportEvidence.steady { $0.content?.priceChanges = [change(before, after)] }
        #expect(judge(rules, evidence).holds.isEmpty != isHeld)
    }

    @Test func `of several price lists the worst is shown`() {
        let rules = PolicyRules(controlTotals: ControlTotals(priceChangePercent: ExactDecimal(10)))
        let evidence = ImportEvidence.steady {
            $0.content?.priceChanges = [change("100", "120"), change("1", "3", list: "web"), change("50", "60")]
        }
        let hold = judge(rules, evidence).holds[0]
        #expect(hold.priceList == "web DKK")
        #expect(hold.percent == ExactDecimal(200))
        #expect(hold.before == ExactDecimal(1))
        #expect(hold.after == ExactDecimal(3))
    }

    private func switched(_ count: Int) -> CurrencyChanges {
        let change = CurrencyChange(
            priceList: "web", key: "A7", from: "EUR", to: "DKK", before: decimal("900"), after: decimal("900"))
        return CurrencyChanges(count: count, first: Array(repeating: change, count: min(20, count)))
    }

    @Test(arguments: ["0", "50", "100000"])
    func `a price in another currency passes every limit on changes, and is named with both`(limit: String) {
        let rules = PolicyRules(controlTotals: ControlTotals(priceChangePercent: decimal(limit)))
        let evidence = ImportEvidence.steady {
            $0.content?.priceChanges = []
            $0.content?.currencyChanges = switched(412)
        }
        let judgement = judge(rules, evidence)
        #expect(judgement.verdict == .complete)
        #expect(judgement.holds.map(\.kind) == [.currencyChange])
        #expect(judgement.reason == "run_held_currency_change")
        #expect(judgement.checksMade.contains("check_currency_change"))
        let hold = judgement.holds[0]
        #expect((hold.count, hold.item, hold.priceList) == (412, "A7", "web"))
        #expect((hold.currencyBefore, hold.currencyAfter) == ("EUR", "DKK"))
        #expect((hold.arguments["before"], hold.arguments["currencyAfter"]) == ("900", "DKK"))
        #expect(hold.covers(judge(rules, .steady { $0.content?.currencyChanges = switched(411) }).holds[0]))
        #expect(!hold.covers(judge(rules, .steady { $0.content?.currencyChanges = switched(413) }).holds[0]))
    }

    @Test func `without a limit on changes of prices another currency is noted, and holds nothing`() {
        let judgement = judge(.steady { $0.content?.currencyChanges = switched(1) })
        #expect(judgement.holds.isEmpty)
        #expect(judgement.reason == "run_complete")
        #expect(judgement.notes == ["note_currency_changed"])
        #expect(!(judgement.checksMade + judgement.checksNotMade).contains("check_currency_change"))
        #expect(judge(.steady { $0.content?.currencyChanges = switched(0) }).notes == [])
        let off = Judgement(of: .steady { $0.content?.currencyChanges = switched(1) }, isMonitored: false)
        #expect(off.notes == ["note_currency_changed"])
    }

    @Test func `prices of 0 and the sum of stock have limits of their own`() {
        let rules = PolicyRules(
            controlTotals: ControlTotals(zeroPrices: 5, stockSumPercent: decimal("12.5")))
        let within = ImportEvidence.steady {
            $0.content?.zeroPrices = 5
            $0.content?.stockBefore = decimal("800")
            $0.content?.stockAfter = decimal("900")
        }
        #expect(judge(rules, within).holds.isEmpty)
        let beyond = ImportEvidence.steady {
            $0.content?.zeroPrices = 6
            $0.content?.stockBefore = decimal("800")
            $0.content?.stockAfter = decimal("699.999")
        }
        let holds = judge(rules, beyond).holds
        #expect(holds.map(\.kind) == [.zeroPrices, .stockSum])
        #expect(holds[1].percent == decimal("12.5"))
    }

    @Test func `limits whose figures are not there are checks that were not made, and hold nothing`() {
        let rules = PolicyRules(
            controlTotals: ControlTotals(
                priceChangePercent: ExactDecimal(10), zeroPrices: 0, stockSumPercent: ExactDecimal(10)))
        let judgement = judge(rules, .steady())
        #expect(judgement.holds.isEmpty)
        #expect(
            Set(judgement.checksNotMade).isSuperset(of: [
                "check_price_change", "check_currency_change", "check_zero_prices", "check_stock_sum",
            ]))
    }

    // MARK: What an agreement covers

    @Test func `who agreed to some figures has agreed to no more`() {
        func drop(_ count: Int) -> Hold { judge(.steady(1) { $0.drop(count, of: 1000) }).holds[0] }
        #expect(drop(400).covers(drop(400)))
        #expect(drop(400).covers(drop(399)))
        #expect(!drop(400).covers(drop(401)))
        #expect(!drop(400).covers(Hold(.unverifiable)))
        var items = Hold(.mustHave)
        items.missing = ["A", "B"]
        items.unpriced = []
        var fewer = items
        fewer.missing = ["B"]
        #expect(items.covers(fewer))
        #expect(!fewer.covers(items))
        #expect(!items.covers(Hold(.mustHave)), "a list nobody looked at is another thing")
    }
}
