import Foundation
import Testing

@testable import ImporterService

/// What a doubting reader is shown, beside the code it speaks of.
@Suite struct ConceptTests {
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: project.appending(path: path), encoding: .utf8)
    }

    private static let walk = RunWalk()

    /// The arrows inside *running*, without the one that leads in.
    private static func drawn() throws -> Set<StepEdge> {
        let inside = try #require(
            try text("Services/Importer/CONCEPT.md").components(separatedBy: "state running {").dropFirst().first)
        let picture = try #require(inside.components(separatedBy: "\n    }\n").first)
        var edges: Set<StepEdge> = []
        for line in picture.components(separatedBy: "\n") where line.contains(" --> ") {
            let ends = line.components(separatedBy: ": ")[0].components(separatedBy: " --> ").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if ends[0] != "[*]" { edges.insert(StepEdge(from: ends[0], to: ends[1])) }
        }
        return edges
    }

    @Test func `the picture in CONCEPT.md has every step of a run, and none that there is not`() throws {
        let steps = Set((0..<64).compactMap { RunStep(rawValue: $0) }.map { "\($0)" })
        #expect(Set(try Self.drawn().flatMap { [$0.from, $0.to] }) == steps)
    }

    @Test func `its arrows are the moves a run can make, and no others`() throws {
        let drawn = try Self.drawn()
        #expect(Self.walk.edges.subtracting(drawn).map(\.description).sorted() == [], "made, and not drawn")
        #expect(drawn.subtracting(Self.walk.edges).map(\.description).sorted() == [], "drawn, and never made")
    }

    /// Without this, what is new in the machine could be missing in the walk and in the picture alike.
    @Test func `the walk meets every event wherever the machine knows it, and no other`() throws {
        let code = try Self.text("Services/Importer/Run/RunMachine.swift")
        let handle = try #require(
            code.components(separatedBy: "mutating func handle(").dropFirst().first?.components(
                separatedBy: "private mutating func"
            ).first)
        let known = Set(
            handle.matches(of: /[^a-zA-Z]\(\.([a-zA-Z]+), \.([a-zA-Z]+)/).map { "\($0.output.1) \($0.output.2)" })
        #expect(known.count > 25)
        #expect(Self.walk.met.symmetricDifference(known).sorted() == [])
    }
}
