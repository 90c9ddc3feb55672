import CoreTypes
import Testing

@testable import Texts

@Suite struct TemplateTests {
    private func fill(_ text: String, _ arguments: [String: String], _ language: Language = .english) -> String? {
        Template(text)?.filled(Filling(arguments: arguments, language: language))
    }

    @Test func `places are filled by name, numbers with separators, times in words`() {
        #expect(fill("{a} of {b:number}", ["a": "x", "b": "50000"]) == "x of 50,000")
        #expect(fill("{b:number}", ["b": "50000"], .danish) == "50.000")
        #expect(fill("{t:time}", ["t": "2026-03-02T06:00:00Z"]) == "2 March 2026 at 06:00 (UTC)")
    }

    @Test func `one and many have their own words`() {
        #expect(fill("{n} {n?item|items}", ["n": "1"]) == "1 item")
        #expect(fill("{n} {n?item|items}", ["n": "0"]) == "0 items")
    }

    @Test func `an argument cannot add a place, a line or a hidden turn of direction`() {
        #expect(fill("{a}", ["a": "{b}", "b": "secret"]) == "{b}")
        #expect(fill("{a}", ["a": "x\r\nBcc: y\u{202E}z\u{0}"]) == "x  Bcc: y z ")
        #expect(fill("{a}", ["a": String(repeating: "x", count: 400)])?.count == 300)
    }

    @Test func `what is no number or time is shown as it came`() {
        #expect(fill("{n:number} {t:time}", ["n": "many", "t": "soon"]) == "many soon")
    }

    @Test func `a missing argument reads unknown`() {
        #expect(fill("{a}", [:]) == "unknown")
        #expect(fill("{a:number}", [:], .danish) == "ukendt")
    }

    @Test(arguments: ["{", "}", "{a", "a}", "{}", "{a:date}", "{a b}", "{a?one}", "{a?1|2|3}", "}{a}", "{a:number:x}"])
    func `a sentence with a broken place is no sentence`(text: String) {
        #expect(Template(text) == nil)
    }
}

@Suite struct FormattingTests {
    @Test(arguments: [
        (0, "0", "0"), (999, "999", "999"), (1000, "1.000", "1,000"), (-1_234_567, "-1.234.567", "-1,234,567"),
        (Int.min, "-9.223.372.036.854.775.808", "-9,223,372,036,854,775,808"),
    ])
    func `numbers have separators of their language`(value: Int, danish: String, english: String) {
        #expect(Texts.number(value, .danish) == danish)
        #expect(Texts.number(value, .english) == english)
    }

    @Test func `decimals keep every digit`() throws {
        #expect(Texts.decimal(try #require(ExactDecimal("1234.005")), .danish) == "1.234,005")
        #expect(Texts.decimal(try #require(ExactDecimal("-0.5")), .danish) == "-0,5")
        #expect(Texts.decimal(try #require(ExactDecimal("-3")), .english) == "-3")
    }

    @Test func `times are local, with winter and summer time, and say how far from UTC`() throws {
        let zone = try #require(LocalZone("Europe/Copenhagen"))
        let winter = try #require(Instant(rfc3339: "2026-03-02T06:05:00Z"))
        let summer = try #require(Instant(rfc3339: "2026-06-30T22:30:00Z"))
        #expect(Texts.time(winter, .danish, in: zone) == "2. marts 2026 kl. 07.05 (UTC+1)")
        #expect(Texts.time(summer, .english, in: zone) == "1 July 2026 at 00:30 (UTC+2)")
        #expect(Texts.time(winter, .english, in: .utc) == "2 March 2026 at 06:05 (UTC)")
        #expect(LocalZone("Europe/Atlantis") == nil)
    }

    @Test func `half hours and times before 1970 are shown right`() throws {
        let zone = try #require(LocalZone("Asia/Kolkata"))
        #expect(Texts.time(Instant(milliseconds: 0), .english, in: zone) == "1 January 1970 at 05:30 (UTC+5:30)")
        #expect(Texts.time(Instant(milliseconds: -1), .english, in: .utc) == "31 December 1969 at 23:59 (UTC)")
    }

    @Test func `durations are short`() {
        #expect(Texts.duration(.milliseconds(850), .danish) == "0,8 s")
        #expect(Texts.duration(.seconds(125), .english) == "2 min 5 s")
        #expect(Texts.duration(.seconds(3_780), .danish) == "1 t 3 min")
    }
}
