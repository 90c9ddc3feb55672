import CoreTypes
import ImporterAPI
import NotifierAPI
import SchedulerAPI
import Texts

/// The words of the one catalogue, in the language of this invocation.
struct TextLookup: Sendable {
    let language: Language

    func title(_ reason: String, _ arguments: [String: String] = [:]) -> String {
        Texts.entryOrGeneral(reason, language, arguments).title
    }

    /// A sentence that asks for nothing.
    func phrase(_ key: String, _ arguments: [String: String]) -> String {
        Texts.phrase(key, language, arguments)
    }

    func message(_ error: ServiceError) -> String { entry(error).title }
    func remedy(_ error: ServiceError) -> String { entry(error).remedy }

    /// What went wrong with a call, what to do, who can do it.
    func lines(for error: ServiceError) -> [String] {
        let entry = entry(error)
        let ids = error.references.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return ["sluice: \(entry.title)", "        \(entry.remedy) (\(word(entry.actor)))"]
            + (ids.isEmpty ? [] : ["        \(ids)"])
    }

    /// What happened, what to do, who can do it: the very words of the merchant's mail.
    func guidance(_ reason: String, _ arguments: [String: String]) -> [String] {
        let entry = Texts.entryOrGeneral(reason, language, arguments)
        return [entry.title, "\(entry.remedy) (\(word(entry.actor)))"]
    }

    /// What a failed step of a probe or trial means, and what to do: as of a run that ends so.
    func guidance(_ step: ProbeStep, of system: String) -> [String] {
        let known = ["system": system, "source": system, "target": system, "detail": step.detail ?? ""]
        return guidance(step.textKey ?? "", known.merging(step.arguments ?? [:]) { $1 })
    }

    func outcome(_ run: RunSummary) -> String {
        if let outcome = run.outcome { return Texts.word(.outcome, outcome.rawValue, language) }
        return run.reason.map { "\(run.state.rawValue): \(title($0))" } ?? run.state.rawValue
    }

    func word(_ verdict: Verdict) -> String { Texts.word(.verdict, verdict.rawValue, language) }
    func word(_ phase: RunPhase) -> String { Texts.word(.phase, phase.rawValue, language) }
    func word(_ kind: NoticeKind) -> String { Texts.word(.notice, kind.rawValue, language) }
    func word(_ kind: FieldKind) -> String { Texts.word(.fieldKind, kind.rawValue, language) }

    /// What has become of a field of the source, in a sentence.
    func sentence(_ change: SourceFieldChange) -> String {
        title(
            change.reason,
            ["field": change.field, "was": change.was.map(word) ?? "", "now": change.now.map(word) ?? ""])
    }

    /// How much of what is tolerated was made use of, in a sentence.
    func sentence(_ tolerance: ToleranceUse) -> String {
        let reason = tolerance.lacking == 0 ? "unused" : tolerance.isUsed ? "used" : "exceeded"
        return title(
            "tolerance_\(reason)", ["lacking": "\(tolerance.lacking)", "allowed": "\(tolerance.allowed)"])
    }

    /// Why a run is held, with its figures and limits, one sentence for each limit that was passed.
    func reasons(_ holds: [Hold], of run: RunDescription) -> [String] {
        let known = run.textArguments
        return holds.map { title($0.reason, known.merging($0.arguments) { $1 }) }
    }

    /// A warning when the shop shows an older state of the source than was promised; nil when it does not.
    func outdated(_ connection: ConnectionSummary, at now: Instant) -> String? {
        guard let until = connection.promisedUntil, until < now else { return nil }
        return title("set_is_outdated", ["since": until.local])
    }

    /// What became of what a lost run had read, in a sentence.
    func sentence(_ earlier: EarlierRead) -> String { guidance(earlier.textKey, earlier.textArguments)[0] }

    func word(_ trigger: RunTrigger) -> String { Texts.word(.trigger, trigger.rawValue, language) }
    private func word(_ actor: Actor) -> String { Texts.word(.actor, actor.rawValue, language) }

    /// Why a connection does or does not run, in one line.
    func state(_ state: EffectiveState) -> String {
        var line = title("state_\(state.reason.rawValue)")
        if let by = state.by, let why = state.why { line += " (\(by): \(why))" }
        if !state.modulesOff.isEmpty, state.reason != .modulesOff {
            line += " [off: \(state.modulesOff.map(\.rawValue).joined(separator: ", "))]"
        }
        return line
    }

    private func entry(_ error: ServiceError) -> TextEntry {
        Texts.entryOrGeneral(error.reason, language, error.arguments)
    }
}

extension RunDescription {
    /// What the catalogue's sentences about this run are filled with.
    var textArguments: [String: String] {
        let report = report ?? RunReport(outcome: .failed, reason: "")
        return report.textArguments(connection: run.connectionLabel, source: sourceName, target: targetName)
    }
}
