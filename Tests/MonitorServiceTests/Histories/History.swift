import CoreTypes
import MonitorAPI
import MonitorService
import SchedulerAPI
import TestSupport

/// One connection's imports, from a busy and faulty time to a quiet one.
struct History {
    private(set) var problems: [String] = []
    private(set) var tally = Tally()

    private var source: ModelSource
    private var imports: ModelImport
    private let policy: JudgingPolicy

    init(seed: UInt64) {
        source = ModelSource(.seeded(seed))
        imports = ModelImport(pageSize: 2 + source.draw(9), canSweep: source.draw(8) > 0, published: [])
        let guarding = DropGuard(items: source.draw(6), percent: ExactDecimal(source.draw(25)))
        policy = JudgingPolicy(
            rules: PolicyRules(
                tolerance: source.draw(5) == 0 ? 1 + source.draw(2) : 0,
                dropGuard: source.draw(6) == 0 ? nil : guarding))
    }

    /// A sound source that is paged in this order and judged by completeness alone.
    init(seed: UInt64, order: ModelSource.Order) {
        source = ModelSource(.seeded(seed), order: order)
        // Few pages, however much the source grows: how long a reading takes is part of how busy its source is.
        imports = ModelImport(pageSize: 8 + source.draw(9), canSweep: true, published: [])
        policy = JudgingPolicy(rules: PolicyRules(tolerance: 0, dropGuard: nil))
    }

    /// The source never rests: imports until one is published, or `runsMax` were not.
    ///
    /// - Returns: How many were refused in a row.
    mutating func playRestless(changesPercent: Int, editsOnly: Bool, runsMax: Int) -> Int {
        source.changesPercent = changesPercent
        source.editsOnly = editsOnly
        let published = tally.published
        for refused in 0..<runsMax {
            run(approves: false)
            if tally.published > published { return refused }
        }
        return runsMax
    }

    mutating func play() {
        for _ in 0..<8 {
            source.changesPercent = [0, 5, 15, 40, 90][source.draw(5)]
            source.editsOnly = source.draw(4) == 0
            source.fault = drawFault()
            if source.draw(12) == 0 { source.endRange(of: source.items.count / 3) }
            run(approves: source.draw(2) == 0)
        }
        // Once the source is quiet and sound, its set is published at the first try; a real drop when a person agrees.
        source.changesPercent = 0
        source.fault = .none
        run(approves: true)
        let canBeTold = source.token != .none || imports.canSweep
        // A source that has really lost all its items is never published: that takes a new connection.
        if canBeTold, !source.keys.isEmpty, imports.published != source.keys {
            note("the set of a quiet source was not published")
        }
    }

    private func drawFault() -> ModelSource.Fault {
        let few = Set((0...source.draw(6)).map { _ in source.drawKey() })
        return switch source.draw(22) {
        case 0: .emptyAnswer
        case 1: .cappedReader(1 + source.draw(3))
        case 2: .noCount
        case 3: .otherFilter
        case 4: .countOff(1 + source.draw(3))
        case 5: .countOff(-1 - source.draw(3))
        case 6: .hidden(few)
        case 7: .hiddenAndUncounted(few)
        case 8: .unreadable(source.drawKey())
        case 9, 10: .doubled(source.drawKey())
        default: .none
        }
    }

    /// One run, read a second time if the source was changed while it was read, as an importer does.
    private mutating func run(approves: Bool) {
        tally.runs += 1
        for attempt in 1...Judgement.readingsMax {
            source.beginRun()
            let read = imports.read(&source, attempt: attempt)
            tally.readings += 1
            tally.comingsAndGoings += source.truth.moments.count - 1
            let judgement = Judgement(of: read.evidence, under: policy)
            tally.verdicts[judgement.verdict, default: 0] += 1
            checkChecks(judgement, read)
            checkWords(judgement, read)
            if judgement.verdict == .changedWhileReading, attempt < Judgement.readingsMax { continue }
            if judgement.verdict == .complete, judgement.holds.isEmpty {
                checkPublished(judgement, read)
                publish(read)
            } else if !judgement.holds.isEmpty {
                tally.held += 1
                checkHeld(judgement, read)
                // A person agrees to what really happened at the source, not to what was read wrongly.
                if approves, judgement.verdict == .complete, source.fault == .none { publish(read) }
            } else {
                tally.stopped += 1
                checkRefused(judgement, read)
            }
            return
        }
    }

    private mutating func publish(_ read: ModelImport.Read) {
        tally.published += 1
        if !source.truth.isStill { tally.publishedWhileChanging += 1 }
        imports.published = read.keys
    }

    // MARK: What must hold

    /// A published set is one the source held, or one that no check it allows could tell from it.
    private mutating func checkPublished(_ judgement: Judgement, _ read: ModelImport.Read) {
        let truth = source.truth
        if truth.everHeld(read.keys) { return }
        if let tolerance = judgement.tolerance, tolerance.lacking > 0 {
            guard !judgement.notes.contains("note_within_tolerance") else {
                let isLittle = truth.everHeld(read.keys, lackingAtMost: policy.rules.tolerance)
                if isLittle || !truth.changedBack.isEmpty { return }
                return note("published within tolerance what lacks more: \(describe(read))")
            }
            return note("used its tolerance without saying so")
        }
        // List and count agree on something else than the truth: only the drop guard can see that, and did not.
        if source.fault.hiddenAndUncounted { return checkDrop(read) }
        if !truth.changedBack.isEmpty { tally.changedBack += 1; return }
        note("published a set the source never held: \(describe(read))")
    }

    private mutating func checkDrop(_ read: ModelImport.Read) {
        guard let guarding = policy.rules.dropGuard, !imports.published.isEmpty else { return }
        let dropped = imports.published.subtracting(read.keys).count
        let percent = Double(dropped) * 100 / Double(imports.published.count)
        if dropped > guarding.items, percent > Double(guarding.percent.description) ?? 0 {
            note("published a drop of \(dropped) of \(imports.published.count) beyond \(guarding)")
        }
    }

    /// What is held is either not known to be complete, or drops more than both limits.
    private mutating func checkHeld(_ judgement: Judgement, _ read: ModelImport.Read) {
        for hold in judgement.holds {
            switch hold.kind {
            case .unverifiable:
                let hasCounts = read.evidence.countBefore != nil && read.evidence.countAfter != nil
                let isTokenStill =
                    source.token != .none && read.evidence.changeTokenBefore == read.evidence.changeTokenAfter
                let sawMovement = read.evidence.sweep != nil || isTokenStill
                if hasCounts, sawMovement { note("unverifiable although it could be told: \(describe(read))") }
            case .dropGuard:
                let dropped = imports.published.subtracting(read.keys).count
                guard let guarding = policy.rules.dropGuard, dropped > guarding.items,
                    ExactDecimal(dropped * 100)
                        > ExactDecimal(
                            (Int(guarding.percent.description) ?? 0) * imports.published.count)
                else { note("held for a drop within the limits"); break }
            default: note("held for \(hold.kind)")
            }
        }
    }

    /// A sound source that stands still is never refused, nor is one whose items are only edited where they stand.
    private mutating func checkRefused(_ judgement: Judgement, _ read: ModelImport.Read) {
        guard source.fault == .none, !read.keys.isEmpty else { return }
        if source.truth.isStill { note("refused a quiet source as \(judgement.verdict)") }
        let standsStill = source.order != .byChange && !source.truth.keysChanged
        if standsStill, imports.canSweep { note("refused edits in place as \(judgement.verdict)") }
    }

    /// The verdict's word is true.
    private mutating func checkWords(_ judgement: Judgement, _ read: ModelImport.Read) {
        let truth = source.truth
        switch judgement.verdict {
        case .changedWhileReading:
            if truth.isStill, imports.canSweep { note("says changed, but nothing did: \(describe(read))") }
        case .sourceHasDuplicates:
            if case .doubled = source.fault { break }
            // Items that go and come twice in the same way look like two rows of one key.
            if !truth.changedBack.isEmpty { break }
            note("says duplicates, but there are none: \(describe(read))")
        case .emptySource:
            if !read.keys.isEmpty { note("says empty, but \(read.keys.count) were read") }
        case .incomplete, .notComparable:
            if source.fault == .none, truth.everHeld(read.keys), truth.isStill {
                note("says \(judgement.verdict), but the set is right: \(describe(read))")
            }
        case .complete, .unverifiable, .notJudged: break
        }
    }

    /// The verdict says which checks could not be made, and no others.
    private mutating func checkChecks(_ judgement: Judgement, _ read: ModelImport.Read) {
        let wanted: [(check: String, wasPossible: Bool)] = [
            ("check_count_before", read.evidence.countBefore != nil),
            ("check_count_after", read.evidence.countAfter != nil),
            ("check_change_token", source.token != .none),
        ]
        for (check, wasPossible) in wanted
        where judgement.checksMade.contains(check) != wasPossible
            || judgement.checksNotMade.contains(check) == wasPossible
        {
            note("\(check) is listed wrongly")
        }
        // Where it is not needed nobody asks for it.
        let (evidence, isMade) = (read.evidence, read.evidence.sweep != nil)
        let isNeeded =
            evidence.changeTokenBefore == nil || evidence.changeTokenBefore != evidence.changeTokenAfter
            || evidence.distinctKeys < evidence.rowsRead || evidence.duplicateKeyCount > 0
        if judgement.checksMade.contains("check_second_sweep") != isMade
            || judgement.checksNotMade.contains("check_second_sweep") != (isNeeded && !isMade)
        {
            note("the second sweep is listed wrongly")
        }
        let asksForGuard = policy.rules.dropGuard != nil
        if judgement.checksMade.contains("check_drop_guard") != asksForGuard {
            note("the drop guard is listed wrongly")
        }
    }

    private mutating func note(_ problem: String) {
        problems.append("\(source.token), \(source.order), \(source.fault), page \(imports.pageSize): \(problem)")
    }

    private func describe(_ read: ModelImport.Read) -> String {
        let now = source.keys
        let evidence = read.evidence
        return "lacks \(now.subtracting(read.keys).sorted()), "
            + "has beyond \(read.keys.subtracting(now).sorted()); counted "
            + "\(evidence.countBefore.map(String.init) ?? "-") and \(evidence.countAfter.map(String.init) ?? "-"), "
            + "rows \(evidence.rowsRead), keys \(evidence.distinctKeys), sweep \(evidence.sweep.debugDescription), "
            + "\(source.truth.moments.count) moments, changed back \(source.truth.changedBack.sorted())"
    }
}
