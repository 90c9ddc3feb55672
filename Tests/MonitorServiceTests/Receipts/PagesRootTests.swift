import Keys
import MonitorAPI
import Testing

@Suite struct PagesRootTests {
    /// Whoever checks a receipt elsewhere takes the list as a whole.
    @Test func `the root of pages is the digest of their list as canonical JSON`() throws {
        let pages = (1...2_500).map { number in
            PageEvidence(
                number: number, rows: 100, firstKey: number % 7 == 0 ? nil : "Æ\"\(number)", lastKey: "Z\\\(number)",
                hash: Digest.sha256(Array("\(number)".utf8)))
        }
        for count in [0, 1, 2, pages.count] {
            let list = Array(pages.prefix(count))
            #expect(PageEvidence.root(of: list) == Digest.sha256(try CanonicalJSON.bytes(encoding: list)))
        }
    }
}
