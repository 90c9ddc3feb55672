import Foundation
import JSON
import Testing

/// Foundation's coder as the oracle: slower, older, written by others.
@Suite struct OracleTests {
    @Test func `random values read the same in both, whatever their white space and escapes`() throws {
        for seed in 0..<2000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let value = randomValue(depth: 4, &generator)
            let text = looseText(of: value, &generator)
            let ours = try JSON.decode(JSONValue.self, from: text)
            #expect(ours == value, "seed \(seed): \(text)")
            let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            let written = try JSONSerialization.jsonObject(
                with: Data(try JSON.encode(ours)), options: .fragmentsAllowed)
            #expect((theirs as? NSObject) == (written as? NSObject), "seed \(seed): \(text)")
        }
    }

    @Test func `what Foundation writes is read, and the other way round`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let value = Sample.random(&generator)
            let theirs = try JSONEncoder().encode(value)
            #expect(try JSON.decode(Sample.self, from: Array(theirs)) == value, "seed \(seed)")
            let ours = try JSON.encode(value)
            #expect(try JSONDecoder().decode(Sample.self, from: Data(ours)) == value, "seed \(seed)")
            #expect(try JSON.decode(Sample.self, from: ours) == value, "seed \(seed)")
        }
    }

    /// Both refuse the same texts, but for these: we refuse repeated names, more than 64 levels and half surrogate
    /// pairs, and a comma before the end of an object; Foundation refuses numbers beyond Double, which we keep as text.
    @Test func `mutated texts are refused by both or by neither`() throws {
        let stricter = ["repeated", "64 arrays", "surrogate"]
        var generator = SeededGenerator(seed: 7)
        let seeds = (0..<100).map { _ in Array(looseText(of: randomValue(depth: 3, &generator), &generator).utf8) }
        var refused = 0
        for round in 0..<15_000 {
            var bytes = seeds.randomElement(using: &generator) ?? []
            mutate(&bytes, &generator)
            // NUL among the first bytes makes Foundation take the text for UTF-16 or UTF-32.
            guard !bytes.contains(0), !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { continue }
            let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            do throws(JSONError) {
                let ours = try JSON.decode(JSONValue.self, from: bytes)
                let agrees = theirs != nil || ours.hasNumberBeyondDouble
                #expect(agrees, "round \(round): only we accept \(bytes)")
            } catch {
                refused += 1
                let isTrailingComma =
                    error.problem.contains("member name") && bytes.dropFirst(error.offset).first == UInt8(ascii: "}")
                let agrees = theirs == nil || isTrailingComma || stricter.contains(where: error.problem.contains)
                #expect(agrees, "round \(round): \(error) in \(bytes)")
            }
        }
        #expect(refused > 3000)
    }
}

extension JSONValue {
    fileprivate var hasNumberBeyondDouble: Bool {
        switch self {
        case .number(let text): Double(text).map { !$0.isFinite } ?? true
        case .array(let elements): elements.contains(where: \.hasNumberBeyondDouble)
        case .object(let members): members.contains(where: \.value.hasNumberBeyondDouble)
        default: false
        }
    }
}

struct Sample: Codable, Equatable {
    enum Kind: String, Codable, CaseIterable { case first, second, third }
    struct Inner: Codable, Equatable {
        var name: String
        var weights: [Double]
        var note: String?
    }

    var whole: Int
    var small: Int8
    var large: UInt64
    var flag: Bool
    var ratio: Double
    var kind: Kind
    var text: String
    var inner: Inner?
    var list: [Inner]
    var table: [String: Int]
    var nested: [[Int?]]

    static func random(_ generator: inout SeededGenerator) -> Sample {
        func inner(_ generator: inout SeededGenerator) -> Inner {
            Inner(
                name: randomText(&generator), weights: [Double.random(in: -1e6...1e6, using: &generator), 0, -0.25],
                note: Bool.random(using: &generator) ? randomText(&generator) : nil)
        }
        return Sample(
            whole: .random(in: .min ... .max, using: &generator), small: .random(in: .min ... .max, using: &generator),
            large: .random(in: .min ... .max, using: &generator), flag: .random(using: &generator),
            ratio: .random(in: -1e300...1e300, using: &generator),
            kind: Kind.allCases.randomElement(using: &generator) ?? .first, text: randomText(&generator),
            inner: Bool.random(using: &generator) ? inner(&generator) : nil,
            list: (0..<3).map { _ in inner(&generator) }, table: ["a": 1, "æ": -2, "c": 3],
            nested: [[1, nil], [], [nil]])
    }
}
