import CoreTypes
import SchedulerAPI
import Texts

/// A mail's words: what a reader of one language sees.
struct MailText: Sendable, Equatable {
    var subject: String
    var text: String
    /// The missing items, as ``MissingItemsFile`` writes them; nil where none are missing.
    var missingItems: String?
}

/// What every mail needs to know beside what it is about.
struct MailSetting: Sendable, Equatable {
    var zone: LocalZone
    /// Where readers are told to ask; nil where the operator has set none.
    var supportAddress: String?
}

/// Writes a plain-text mail of headed sections in one language.
struct MailWriter {
    private(set) var lines: [String] = []
    let language: Language
    let setting: MailSetting
    let arguments: [String: String]

    init(_ language: Language, _ setting: MailSetting, _ arguments: [String: String]) {
        self.language = language
        self.setting = setting
        self.arguments = arguments
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    func phrase(_ key: String, _ more: [String: String] = [:]) -> String {
        Texts.phrase(key, language, arguments.merging(more) { $1 }, zone: setting.zone)
    }

    func entry(_ key: String, _ more: [String: String] = [:]) -> TextEntry {
        Texts.entryOrGeneral(key, language, arguments.merging(more) { $1 }, zone: setting.zone)
    }

    func word(_ kind: FieldKind?) -> String { kind.map { Texts.word(.fieldKind, $0.rawValue, language) } ?? "" }

    mutating func add(_ key: String, _ more: [String: String] = [:]) { lines.append(phrase(key, more)) }

    mutating func add(line: String) { lines.append(line) }

    mutating func heading(_ key: String) {
        lines.append("")
        lines.append(phrase(key).uppercased())
    }

    /// Who else has got the mail. Filled in unshortened: a list of addresses may be longer than one argument.
    mutating func addRecipients(_ others: [String]) {
        add(line: "")
        if others.isEmpty {
            add("mail_sent_only_to_you")
        } else {
            add(line: phrase("mail_also_sent_to") + " " + others.joined(separator: ", "))
        }
    }

    mutating func close() {
        lines.append("")
        lines.append("-- ")
        add("mail_signature")
    }
}
