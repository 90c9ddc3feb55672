import CoreTypes
import NotifierAPI
import SchedulerAPI
import Texts

/// The words of the one catalogue, in the language of this invocation.
struct TextLookup: Sendable {
    let language: Language

    func title(_ reason: String) -> String { Texts.entryOrGeneral(reason, language).title }

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
        let reason = (change.isMapped ? "source_mapped_field_" : "source_field_") + change.change.rawValue
        return guidance(
            reason, ["field": change.field, "was": change.was.map(word) ?? "", "now": change.now.map(word) ?? ""])[0]
    }

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
