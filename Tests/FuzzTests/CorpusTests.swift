import Foundation
import TestSupport
import Testing

/// What the fuzzers found and what people thought of, again on every run; and a short hunt from there.
///
/// `Tests/FuzzTests` is also a package with libFuzzer over the same functions: `compose/test --long`.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.allCases)
    func `every input of the corpus is met as it must be`(target: FuzzTarget) throws {
        let inputs = try corpus(of: target)
        try #require(inputs.count >= 5, "the corpus of \(target) is gone")
        for input in inputs { check(target, input.bytes, input.name) }
        check(target, [], "nothing at all")
    }

    /// Inputs of the corpus, changed: 1,500 of each target, 100,000 with `--long`.
    @Test(arguments: FuzzTarget.allCases)
    func `changed inputs of the corpus are met as they must be`(target: FuzzTarget) throws {
        let corpus = try corpus(of: target)
        var numbers = SeededNumbers(state: 11)
        for round in 0..<LongProof.count(target.isSlow ? 150 : 1500, long: target.isSlow ? 10_000 : 100_000) {
            var input = corpus[Int(numbers.next() % UInt64(corpus.count))].bytes
            for _ in 0...(numbers.next() % 4) { change(&input, corpus, &numbers) }
            guard check(target, input, "round \(round)") else { return }
        }
    }

    @discardableResult
    private func check(_ target: FuzzTarget, _ input: [UInt8], _ name: String) -> Bool {
        do {
            try target.run(input)
            return true
        } catch {
            Issue.record("\(target.rawValue), \(name): \(error) for \(Data(input).base64EncodedString())")
            return false
        }
    }

    private func corpus(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/\(target.rawValue)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
            .map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }

    private func change(
        _ input: inout [UInt8], _ corpus: [(name: String, bytes: [UInt8])], _ numbers: inout SeededNumbers
    ) {
        let position = Int.random(in: 0...input.count, using: &numbers)
        let byte = UInt8.random(in: .min ... .max, using: &numbers)
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0 where position < input.count: input[position] ^= 1 << (byte & 7)
        case 1 where position < input.count: input.remove(at: position)
        case 2: input.insert(byte, at: position)
        case 3: input.insert(Array(#"{}[],:"\eE+-.01u@<> "#.utf8).randomElement(using: &numbers)!, at: position)
        case 4: input.removeSubrange(position..<min(input.count, position + Int(byte % 16)))
        case 5:
            let other = corpus.randomElement(using: &numbers)!.bytes
            input.replaceSubrange(position..., with: other.suffix(Int.random(in: 0...other.count, using: &numbers)))
        default: break
        }
    }
}

extension FuzzTarget {
    /// A handshake each time.
    fileprivate var isSlow: Bool { self == .tlsAfter }
}

/// Repeatable chance (splitmix64).
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
