import Foundation
import Testing

@testable import Staging

@Suite struct ItemScannerTests {
    private struct Scan: Equatable {
        var items: [[UInt8]] = []
        var offsets: [Int] = []
        var members: [String: PageMember] = [:]
    }

    /// Scans a body given in pieces.
    private func scan(_ pieces: [ArraySlice<UInt8>], limits: ScanLimits = ScanLimits()) throws(ScanFailure) -> Scan {
        var scanner = ItemScanner(sapPages, limits: limits)
        var result = Scan()
        for piece in pieces {
            let failure: ScanFailure? = piece.withUnsafeBytes { bytes in
                do throws(ScanFailure) {
                    while let item = try scanner.next(in: bytes) {
                        result.items.append([UInt8](item.bytes))
                        result.offsets.append(item.offset)
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
        try scanner.finish()
        result.members = scanner.members
        return result
    }

    private func scan(_ text: String, limits: ScanLimits = ScanLimits()) throws(ScanFailure) -> Scan {
        try scan([Array(text.utf8)[...]], limits: limits)
    }

    @Test func `items and members are found wherever they stand`() throws {
        let result = try scan(
            #" { "@odata.count" : "7" , "value" : [ {"a":1} , null,[2], "x",-0.5e+3 ], "other":{"value":[9]},"#
                + #""@odata.nextLink":"Items?$skip=20&x=\u00e6\/" } "#)
        #expect(result.items.map(\.text) == [#"{"a":1}"#, "null", "[2]", #""x""#, "-0.5e+3"])
        #expect(result.members == ["@odata.count": .string("7"), "@odata.nextLink": .string("Items?$skip=20&x=æ/")])
    }

    @Test func `an empty list of items is an answer`() throws {
        #expect(try scan(#"{"value":[]}"#).items.isEmpty)
    }

    @Test func `the same items are found when the body is cut at every byte`() throws {
        let text = page(
            [SourceItem(key: "A\\\"1\\u00e6\\ud83d\\ude00").json, "-12.5e-7", "true", SourceItem(key: "æ😀").json],
            next: "Items?$skip=20")
        let whole = try scan([text[...]])
        #expect(whole.items.count == 4)
        for cut in 0...text.count {
            let parts = try scan([text[..<cut], text[cut...]])
            try #require(parts == whole, "cut at \(cut)")
        }
        #expect(try scan(text.indices.map { text[$0...$0] }) == whole)
        for (item, offset) in zip(whole.items, whole.offsets) {
            #expect(Array(text[offset..<(offset + item.count)]) == item)
        }
    }

    @Test(
        arguments: [
            ("", .truncated), ("{", .truncated), (#"{"value":[{"a":1}"#, .truncated),
            (#"{"value":[{"a":1}]"#, .truncated),
            (#"{"value":[{"a":"#, .truncated), (#"{"value":[1"#, .truncated), (#"{"other":1}"#, .itemsMissing),
            (#"{"value":{}}"#, .itemsNotAList), (#"{"value":null}"#, .itemsNotAList), ("[]", .notJSON),
            ("<html>", .notJSON),
            (#"{"value":[1,]}"#, .notJSON), (#"{"value":[,1]}"#, .notJSON), (#"{"value":[1]}}"#, .trailingBytes),
            (#"{"value":[1]} x"#, .trailingBytes), (#"{"value":[],"value":[]}"#, .memberTwice),
            (#"{"@odata.nextLink":"a","@odata.nextLink":"b","value":[]}"#, .memberTwice),
            (#"{"value":[{"a":1,}]}"#, .notJSON), (#"{"value":[{"a" 1}]}"#, .notJSON),
            (#"{"value":[{a:1}]}"#, .notJSON),
            (#"{"value":[{"a":1]]}"#, .notJSON), (#"{"value":[{"a":01}]}"#, .badNumber),
            (#"{"value":[{"a":1.}]}"#, .badNumber), (#"{"value":[{"a":.5}]}"#, .notJSON),
            (#"{"value":[{"a":-}]}"#, .badNumber), (#"{"value":[{"a":1e}]}"#, .badNumber),
            (#"{"value":[{"a":+1}]}"#, .notJSON), (#"{"value":[{"a":1.5.5}]}"#, .badNumber),
            (#"{"value":[{"a":NaN}]}"#, .notJSON), (#"{"value":[{"a":truth}]}"#, .notJSON),
            (#"{"value":[{"a":"\x"}]}"#, .badString), (#"{"value":[{"a":"\u12g4"}]}"#, .badString),
            ("{\"value\":[{\"a\":\"\n\"}]}", .badString), (#"{"value":[{"a":"\ud83d"}]}"#, .loneSurrogate),
            (#"{"value":[{"a":"\ude00"}]}"#, .loneSurrogate), (#"{"value":[{"a":"\ud83dx"}]}"#, .loneSurrogate),
            (#"{"value":[{"a":"\ud83d\u0041"}]}"#, .loneSurrogate),
        ] as [(String, ScanFailure.Kind)])
    func `what is not a whole page in strict JSON is refused`(text: String, kind: ScanFailure.Kind) {
        #expect { try scan(text) } throws: { ($0 as? ScanFailure)?.kind == kind }
        let bytes = Array(text.utf8)
        #expect(throws: ScanFailure.self, "in single bytes") { try scan(bytes.indices.map { bytes[$0...$0] }) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE6, 0x41, 0x41], [0xFF],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused, with the place`(bytes: [UInt8]) {
        let body = Array(#"{"value":[{"a":1},{"a":"12345678"#.utf8) + bytes + Array(#""}]}"#.utf8)
        #expect { try scan([body[...]]) } throws: { error in
            guard let failure = error as? ScanFailure else { return false }
            return failure.kind == .badUTF8 && failure.item == 2 && failure.offset >= 32
        }
    }

    @Test func `depth and size have limits that hold whether an item is cut or not`() throws {
        let deep = { (depth: Int) in
            #"{"value":["# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "]}"
        }
        #expect(try scan(deep(64)).items.count == 1)
        #expect { try scan(deep(65)) } throws: { ($0 as? ScanFailure)?.kind == .tooDeep }
        let limits = ScanLimits(valueBytesMax: 100, depthMax: 64, tokensMax: 2048)
        for (length, fits) in [(96, true), (99, false)] {
            let body = Array(#"{"value":["\#(String(repeating: "x", count: length))"]}"#.utf8)
            for pieces in [[body[...]], body.indices.map { body[$0...$0] }] {
                #expect(((try? scan(pieces, limits: limits)) != nil) == fits)
            }
        }
        let many = #"{"value":[[\#(Array(repeating: "1", count: 3000).joined(separator: ","))]]}"#
        let roomy = ScanLimits(valueBytesMax: 1 << 20, depthMax: 64, tokensMax: 2048)
        #expect { try scan(many, limits: roomy) } throws: { ($0 as? ScanFailure)?.kind == .tooLarge }
    }

    // MARK: Against Foundation

    @Test func `random documents scan as Foundation reads them, in random pieces`() throws {
        var random = SeededNumbers(state: 1)
        for _ in 0..<400 {
            let items = (0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: 4, &random) }
            let body = Array(#"{"x":\#(value(depth: 2, &random)),"value":[\#(items.joined(separator: ", "))]}"#.utf8)
            let scanned = try scan(pieces(of: body, &random))
            let expected = try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
            let expectedItems = try #require(expected["value"] as? [Any])
            try #require(scanned.items.count == expectedItems.count)
            for (item, expected) in zip(scanned.items, expectedItems) {
                let read = try JSONSerialization.jsonObject(with: Data(item), options: .fragmentsAllowed)
                try #require((read as? NSObject) == (expected as? NSObject), "\(body.text)")
            }
        }
    }

    @Test func `a damaged document is refused whenever Foundation refuses it`() throws {
        var random = SeededNumbers(state: 2)
        var refused = 0
        for _ in 0..<1500 {
            var body = Array(#"{"value":[\#(value(depth: 3, &random)),\#(value(depth: 3, &random))]}"#.utf8)
            let at = Int.random(in: 0..<body.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: body[at] = UInt8.random(in: .min ... .max, using: &random)
            case 1: body.remove(at: at)
            default: body.insert(Array(#"{}[],:"\eE+-.01u "#.utf8).randomElement(using: &random)!, at: at)
            }
            let isAccepted = (try? scan(pieces(of: body, &random))) != nil
            let foundation = try? JSONSerialization.jsonObject(with: Data(body))
            if foundation == nil {
                refused += 1
                try #require(!isAccepted, "accepted: \(body.text)")
            } else if isAccepted {
                try #require(foundation as? [String: Any] != nil)
            }
        }
        #expect(refused > 500, "the damage must be real to prove anything")
    }

    private func pieces(of body: [UInt8], _ random: inout SeededNumbers) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var at = 0
        while at < body.count {
            let end = min(body.count, at + Int.random(in: 0...40, using: &random))
            pieces.append(body[at..<end])
            at = end
        }
        return pieces
    }

    private func value(depth: Int, _ random: inout SeededNumbers) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return ["true", "false", "null"].randomElement(using: &random)!
        case 1: return "\(Int.random(in: -1000...1000, using: &random))"
        case 2: return ["0.005", "1e-7", "-3.25", "0", "-0", "1E+2", "12.50"].randomElement(using: &random)!
        case 3...5: return string(&random)
        case 6:
            return "["
                + (0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) }
                .joined(separator: ",") + "]"
        default:
            return "{"
                + (0..<Int.random(in: 0...4, using: &random)).map { index in
                    "\"k\(index)\" : \(value(depth: depth - 1, &random))"
                }.joined(separator: ",") + "}"
        }
    }

    private func string(_ random: inout SeededNumbers) -> String {
        let parts = [
            "abcdefghij", "æøå", "😀", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u00e6"#, #"\ud83d\ude00"#, #"\u0000"#, "€",
            "}", "]",
        ]
        let count = Int.random(in: 0...6, using: &random)
        return "\"" + (0..<count).map { _ in parts.randomElement(using: &random)! }.joined() + "\""
    }
}
