import CoreTypes

/// The catalogue, read once from the texts in `Catalogue/`. A fault in them ends the process at the first use; the
/// tests use all of them.
enum Catalogue {
    private static let texts = [
        runTexts, failureTexts, settingsTexts, checkTexts, monitorTexts, sourceTexts, earlierReadTexts, itemTexts,
        errorTexts, serviceTexts, callTexts, certificateTexts, linkTexts, commandLineTexts,
    ]

    static let entries: [String: CatalogueEntry] = {
        var entries: [String: CatalogueEntry] = [:]
        for block in texts.flatMap(CatalogueBlock.read) {
            precondition(entries[block.key] == nil, "the catalogue has \(block.key) twice")
            entries[block.key] = CatalogueEntry(block)
        }
        return entries
    }()

    static let phrases: [String: CataloguePhrase] = {
        var phrases: [String: CataloguePhrase] = [:]
        for block in [wordTexts, mailTexts].flatMap(CatalogueBlock.read) {
            precondition(phrases[block.key] == nil, "the catalogue has \(block.key) twice")
            phrases[block.key] = CataloguePhrase(block)
        }
        return phrases
    }()

    /// Other names of the same reason: the failure classes that have a reason of their own.
    static let aliases = [
        "run_failed_superseded": "run_superseded",
        "run_failed_monitorUnavailable": "run_monitor_unavailable",
    ]
}

struct CatalogueEntry: Sendable {
    struct Sentences: Sendable {
        var title: Template
        var remedy: Template
    }

    let actor: Actor
    private let danish: Sentences
    private let english: Sentences

    init(_ block: CatalogueBlock) {
        guard let actor = Actor(rawValue: block.actor) else {
            preconditionFailure("\(block.key) does not say who can act")
        }
        self.actor = actor
        danish = Sentences(title: block.template("da"), remedy: block.template("da>"))
        english = Sentences(title: block.template("en"), remedy: block.template("en>"))
    }

    func sentences(_ language: Language) -> Sentences { language == .danish ? danish : english }
}

struct CataloguePhrase: Sendable {
    private let danish: Template
    private let english: Template

    init(_ block: CatalogueBlock) {
        danish = block.template("da")
        english = block.template("en")
    }

    func sentence(_ language: Language) -> Template { language == .danish ? danish : english }
}

/// One text as it is written down:
///
///     # run_incomplete you
///     da What happened, in Danish,
///        over as many lines as it takes.
///     da> What to do.
///     en …
///     en> …
struct CatalogueBlock {
    var key: String
    var actor: String
    var parts: [String: String] = [:]

    func template(_ part: String) -> Template {
        guard let text = parts[part], !text.isEmpty, let template = Template(text) else {
            preconditionFailure("\(key) has no readable \(part)")
        }
        return template
    }

    static func read(_ text: String) -> [CatalogueBlock] {
        var blocks: [CatalogueBlock] = []
        var part = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# ") {
                let words = line.dropFirst(2).split(separator: " ")
                blocks.append(CatalogueBlock(key: String(words[0]), actor: words.count > 1 ? String(words[1]) : ""))
            } else if line.hasPrefix("   ") {
                blocks[blocks.count - 1].parts[part]? += " " + line.drop(while: { $0 == " " })
            } else {
                let words = line.split(separator: " ", maxSplits: 1)
                part = String(words[0])
                precondition(blocks.last?.parts[part] == nil, "\(blocks.last?.key ?? text) has \(part) twice")
                blocks[blocks.count - 1].parts[part] = String(words[1])
            }
        }
        return blocks
    }
}
