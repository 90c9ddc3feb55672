import Foundation
import Testing

@testable import ImporterService

/// What a doubting reader is shown, beside the code it speaks of.
@Suite struct ConceptTests {
    @Test func `the picture in CONCEPT.md has every step of a run, and none that there is not`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "Services/Importer/CONCEPT.md"), encoding: .utf8)
        let inside = try #require(page.components(separatedBy: "state running {").dropFirst().first)
        let picture = try #require(inside.components(separatedBy: "\n    }\n").first)
        var drawn: Set<String> = []
        for line in picture.components(separatedBy: "\n") where line.contains(" --> ") {
            let edge = line.components(separatedBy: ": ")[0]
            drawn.formUnion(edge.components(separatedBy: " --> ").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        let steps = Set((0..<64).compactMap { RunStep(rawValue: $0) }.map { "\($0)" })
        #expect(drawn.subtracting(["[*]"]) == steps)
    }
}
