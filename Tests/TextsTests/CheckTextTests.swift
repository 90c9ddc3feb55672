import CoreTypes
import Testing

@testable import Texts

/// A check that was made was looked at; what came of it is the verdict. So its words have to hold for either.
@Suite struct CheckTextTests {
    private static let results = [
        "were the same", "was the same", "exactly", "as many rows as", "as many came", "item could be read",
        "var de samme", "var den samme", "netop de", "lige så mange",
    ]

    @Test(arguments: Language.allCases)
    func `no check says in its name how it came out`(language: Language) {
        for key in Texts.keys where key.hasPrefix("check_") && key != "check_items_readable" {
            let title = Texts.entry(key, language)?.title ?? ""
            #expect(!title.isEmpty)
            for words in Self.results { #expect(!title.contains(words), "\(key): \(title)") }
        }
        let readable = Texts.entry("check_items_readable", language)?.title ?? ""
        #expect(readable.contains("whether") || readable.contains("om hver"))
    }
}
