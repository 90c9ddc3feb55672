public import CoreTypes

/// Who can do what a remedy asks for.
public enum Actor: String, Sendable, CaseIterable {
    /// The merchant who reads the text.
    case you
    /// The provider's support.
    case support
    /// Whoever looks after the ERP.
    case erpSupplier
    /// Whoever looks after the webshop.
    case shopSupplier
    /// Whoever runs the machines Sluice is on.
    case hostOperator
}

/// One thing that can happen, in words.
public struct TextEntry: Sendable, Equatable {
    /// What happened, as whole sentences.
    public var title: String
    /// What to do about it; never empty.
    public var remedy: String
    public var actor: Actor

    public init(title: String, remedy: String, actor: Actor) {
        self.title = title
        self.remedy = remedy
        self.actor = actor
    }
}

/// The one catalogue behind command line, mail and pages, in Danish and English.
///
/// Sentences hold places for arguments: `{name}`; `{name:number}` with thousands separators; `{name:time}` as local
/// time; `{name:word}` by the word group of that name; `{name?one|many}`, chosen by whether the argument is 1. An
/// argument is put in as plain text: what it holds is never read as a sentence, and control characters become spaces. A
/// missing one reads "unknown".
public enum Texts {
    /// - Parameters:
    ///   - key: A reason: `run_incomplete`, `not_found`, ….
    ///   - zone: The zone times are shown in.
    /// - Returns: nil for a reason the catalogue does not know.
    public static func entry(
        _ key: String, _ language: Language, _ arguments: [String: String] = [:], zone: LocalZone = .utc
    ) -> TextEntry? {
        guard let entry = Catalogue.entries[Catalogue.aliases[key] ?? key] else { return nil }
        let sentences = entry.sentences(language)
        let filling = Filling(arguments: arguments, language: language, zone: zone)
        return TextEntry(
            title: sentences.title.filled(filling), remedy: sentences.remedy.filled(filling), actor: entry.actor)
    }

    /// As ``entry(_:_:_:zone:)``; a reason the catalogue does not know gets words that name it.
    public static func entryOrGeneral(
        _ key: String, _ language: Language, _ arguments: [String: String] = [:], zone: LocalZone = .utc
    ) -> TextEntry {
        entry(key, language, arguments, zone: zone) ?? entry("unknown_reason", language, ["reason": key])!
    }

    /// A piece of a mail or a page that asks for nothing: a subject, a label, a sentence.
    ///
    /// A key the catalogue does not know is returned as it is, so that a missing text shows and breaks nothing.
    public static func phrase(
        _ key: String, _ language: Language, _ arguments: [String: String] = [:], zone: LocalZone = .utc
    ) -> String {
        guard let phrase = Catalogue.phrases[key] else { return key }
        return phrase.sentence(language).filled(Filling(arguments: arguments, language: language, zone: zone))
    }

    /// The word for one value of a closed set; the value itself when the catalogue has none.
    public static func word(_ group: WordGroup, _ value: String, _ language: Language) -> String {
        let key = "\(group.rawValue)_\(value)"
        return Catalogue.phrases[key]?.sentence(language).filled(Filling(language: language)) ?? value
    }

    /// The steps of a guide, in order.
    public static func guide(
        _ guide: Guide, _ language: Language, _ arguments: [String: String] = [:]
    ) -> [String] {
        (1...9).map { "guide_\(guide.rawValue)_\($0)" }.filter { Catalogue.phrases[$0] != nil }.map {
            phrase($0, language, arguments)
        }
    }

    /// All reasons the catalogue knows, sorted.
    public static var keys: [String] { (Array(Catalogue.entries.keys) + Array(Catalogue.aliases.keys)).sorted() }
}

/// Sets of values that have a word of their own; the value is the raw value of its enum.
public enum WordGroup: String, Sendable, CaseIterable {
    case outcome, verdict, module, phase, failure, actor, trigger, messageState, purpose, notice, level, yesNo
    case fieldKind
}

/// What a reader can go through step by step.
public enum Guide: String, Sendable, CaseIterable {
    /// The source's web services do not answer, or answer with too little.
    case webServices
}
