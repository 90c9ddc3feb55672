import CoreTypes
import Testing

@testable import Texts

/// What became of what a lost run had read, in words.
@Suite struct EarlierReadTextTests {
    @Test func `a read that was gone on with says at which page, after which run, and when that had stopped`() throws {
        let arguments = [
            "page": "11", "pages": "10", "rows": "1000", "run": "R7", "at": "\(Instant(seconds: 1_772_431_200))",
        ]
        let danish = try #require(Texts.entry("earlier_read_resumed", .danish, arguments)).title
        let english = try #require(Texts.entry("earlier_read_resumed", .english, arguments)).title
        for words in [danish, english] {
            #expect(words.contains("11") && words.contains("R7") && words.contains("2026"))
        }
        #expect(danish.contains("1.000"))
        #expect(english.contains("1,000"))
    }

    @Test(arguments: [
        "notKept", "notReentrant", "noChangeToken", "sourceChanged", "countDiffers", "settingsChanged", "damaged",
        "tooOld",
    ])
    func `one that was not says so, and why`(use: String) throws {
        let entry = try #require(Texts.entry("earlier_read_\(use)", .english, ["run": "R7"]))
        #expect(entry.title.hasPrefix("Everything was read from the start: "))
        #expect(!entry.title.contains("unknown"))
    }
}
