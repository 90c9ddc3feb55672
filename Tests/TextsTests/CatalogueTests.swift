import CoreTypes
import Testing

@testable import Texts

@Suite struct CatalogueTests {
    /// The arguments of every sentence, so that nothing is left unfilled.
    private static func arguments(of template: Template) -> [String: String] {
        Dictionary(uniqueKeysWithValues: template.names.map { ($0, "7") })
    }

    @Test func `every reason has both languages, and both need the same arguments`() {
        for (key, entry) in Catalogue.entries {
            let danish = entry.sentences(.danish)
            let english = entry.sentences(.english)
            #expect(danish.title.names == english.title.names, "\(key)")
            #expect(danish.remedy.names == english.remedy.names, "\(key)")
        }
    }

    @Test func `every phrase needs the same arguments in both languages`() {
        // English needs the number of pages to choose between page and pages; Danish has one word for both.
        for (key, phrase) in Catalogue.phrases where key != "mail_on_pages" {
            #expect(phrase.sentence(.danish).names == phrase.sentence(.english).names, "\(key)")
        }
    }

    @Test(arguments: Language.allCases)
    func `every reason has a title and a remedy that end as sentences, with nothing left to fill`(language: Language) {
        // States are the ends of a sentence: "nothing runs because …".
        for (key, entry) in Catalogue.entries where !key.hasPrefix("state_") {
            let sentences = entry.sentences(language)
            let arguments = Self.arguments(of: sentences.title).merging(Self.arguments(of: sentences.remedy)) { $1 }
            let text = Texts.entry(key, language, arguments)
            for sentence in [text?.title ?? "", text?.remedy ?? ""] {
                #expect(sentence.count > 8, "\(key): \(sentence)")
                // What another system said ends as it likes; here it is a 7.
                #expect(sentence.hasSuffix(".") || sentence.hasSuffix(". 7"), "\(key): \(sentence)")
                #expect(!sentence.contains("{") && !sentence.contains("}"), "\(key): \(sentence)")
                #expect(!sentence.contains("  "), "\(key): \(sentence)")
            }
        }
    }

    @Test func `Danish and English differ, so no sentence was left untranslated`() {
        for (key, entry) in Catalogue.entries {
            #expect(entry.sentences(.danish).title != entry.sentences(.english).title, "\(key)")
            #expect(entry.sentences(.danish).remedy != entry.sentences(.english).remedy, "\(key)")
        }
    }

    @Test(arguments: [
        "name", "connection", "tls", "login", "rights", "timeout", "maintenance", "version", "answer", "settings",
        "shop", "superseded", "monitorUnavailable", "internal",
    ])
    func `every class of failure has its own guidance`(failure: String) {
        #expect(Texts.entry("run_failed_\(failure)", .danish) != nil)
        #expect(Texts.word(.failure, failure, .danish) != failure)
    }

    /// What a pre-flight can fail for, and who can mend it; an ERP's and a shop's are different people.
    private static let accessFailures: [(reason: String, actor: Actor)] = [
        ("name", .you), ("connection", .you), ("tls", .hostOperator), ("login", .you), ("login_shop", .you),
        ("rights", .erpSupplier), ("rights_shop", .shopSupplier), ("timeout", .you), ("maintenance", .you),
        ("version", .erpSupplier), ("version_shop", .shopSupplier),
    ]

    @Test(arguments: Language.allCases)
    func `each class of a failed pre-flight has words of its own, a remedy, and somebody who can do it`(
        language: Language
    ) throws {
        var titles: Set<String> = []
        var remedies: Set<String> = []
        for (reason, actor) in Self.accessFailures {
            let entry = try #require(Texts.entry("run_failed_\(reason)", language, ["system": "Our SAP"]))
            #expect(entry.title.contains("Our SAP"), "\(reason)")
            #expect(entry.actor == actor, "\(reason)")
            titles.insert(entry.title)
            remedies.insert(entry.remedy)
        }
        #expect(titles.count == Self.accessFailures.count)
        #expect(remedies.count == Self.accessFailures.count)
    }

    @Test(arguments: [
        "run_published", "run_unchanged", "run_incomplete", "run_changed_while_reading", "run_source_has_duplicates",
        "run_not_comparable", "run_empty_source", "run_module_empty", "run_unverifiable", "run_not_judged",
        "run_complete", "run_monitor_unavailable", "run_cancelled", "run_lost", "run_superseded",
        "check_count_before", "check_count_after", "check_distinct_keys", "check_change_token", "check_second_sweep",
        "check_zero_rule", "check_filters_equal", "check_pages", "check_items_readable", "invalid_argument",
        "not_found", "permission_denied", "unavailable", "deadline_exceeded", "internal", "idempotency_key_reused",
        "run_already_active", "switched_off_integration", "switched_off_module", "switched_off_connection",
    ])
    func `the catalogue knows`(key: String) {
        #expect(Texts.entry(key, .english) != nil)
    }

    @Test(arguments: Language.allCases)
    func `every group of words has words`(language: Language) {
        for group in WordGroup.allCases {
            #expect(Catalogue.phrases.keys.contains { $0.hasPrefix("\(group.rawValue)_") }, "\(group)")
        }
        #expect(Texts.word(.outcome, "refused", .danish) == "afvist")
        #expect(Texts.word(.outcome, "somethingNew", language) == "somethingNew")
    }

    @Test func `a reason the catalogue does not know is named, not hidden`() {
        #expect(Texts.entry("no_such_reason", .english) == nil)
        #expect(Texts.entryOrGeneral("no_such_reason", .english).title.contains("no_such_reason"))
        #expect(Texts.phrase("no_such_phrase", .english) == "no_such_phrase")
    }

    @Test(arguments: Language.allCases)
    func `the guide for a source that is down has five steps`(language: Language) {
        let steps = Texts.guide(.webServices, language, ["source": "SAP"])
        #expect(steps.count == 5)
        #expect(steps[0].contains("SAP"))
    }
}
