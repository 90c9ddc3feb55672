import CoreTypes
import Foundation
import TestSupport
import Testing
import Texts

@Suite struct EveryReasonTests {
    /// The project's sources, beside these tests.
    private static let sources: [String] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ["Services", "Shared"].flatMap { folder -> [String] in
            let place = root.appending(path: folder).resolvingSymlinksInPath()
            let files = FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)
            return (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }.compactMap {
                try? String(contentsOf: $0, encoding: .utf8)
            }
        }
    }()

    @Test func `every reason an error can have anywhere has words in both languages`() {
        #expect(Self.sources.count > 100)
        let used = Set(Self.sources.flatMap { $0.matches(of: /reason: "([a-z][a-z_]+)"/).map { String($0.output.1) } })
            .union(
                Self.sources.flatMap { source in
                    source.matches(of: /= "((?:tls|item|check)_[a-z_]+)"/).map { String($0.output.1) }
                })
        #expect(used.count > 60)
        // The example of `reason`'s own documentation, and the example requests of the contracts.
        let missing = used.subtracting(["created"]).filter { Texts.entry($0, .danish) == nil }
        #expect(missing.sorted() == [])
    }
}
