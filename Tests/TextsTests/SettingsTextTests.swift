import CoreTypes
import Testing
import Texts

/// What is wrong with a setting is said with its name, and by whom it can be mended.
@Suite struct SettingsTextTests {
    static let reasons: [(reason: String, arguments: [String: String], actor: Actor)] = [
        ("settings", ["detail": "so it said"], .support), ("mapping", ["field": "BarCod"], .support),
        ("filter", ["filter": "Valdi eq 1", "detail": "so it said"], .support),
        ("option", ["option": "companyDatabase", "detail": "it is missing"], .support), ("credentials", [:], .you),
        ("sealed_otherwise", [:], .support), ("private_address", ["address": "10.0.0.5"], .hostOperator),
    ]

    @Test(arguments: Language.allCases)
    func `each names the system and what is wrong, and somebody who can mend it`(language: Language) throws {
        for (reason, arguments, actor) in Self.reasons {
            let known = arguments.merging(["system": "Our SAP"]) { $1 }
            let entry = try #require(Texts.entry("run_failed_\(reason)", language, known))
            #expect(entry.actor == actor, "\(reason)")
            for value in known.values { #expect(entry.title.contains(value), "\(reason): \(entry.title)") }
        }
    }

    @Test(arguments: Language.allCases)
    func `a system without web services where they were looked for may have another address`(language: Language) throws
    {
        let entry = try #require(Texts.entry("run_failed_version", language, ["system": "Our SAP"]))
        #expect(entry.title.contains(language == .danish ? "adresse" : "address") && entry.title.contains("version"))
    }

    @Test func `a system that is refused for want of an option names it`() throws {
        let entry = try #require(Texts.entry("system_lacks_option", .english, ["option": "companyDatabase"]))
        #expect(entry.title.contains("companyDatabase"))
        #expect(entry.remedy.contains("--option companyDatabase="))
    }
}
