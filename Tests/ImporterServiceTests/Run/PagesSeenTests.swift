import MonitorAPI
import Testing

@testable import ImporterService

@Suite struct PagesSeenTests {
    @Test(arguments: [0, 1, 1_999, 2_000, 2_001, 3_000, 3_001, 6_500])
    func `evidence names both ends of a read and vouches for all of it`(count: Int) {
        let pages = (0..<count).map { number in
            PageEvidence(number: number + 1, rows: 1, firstKey: "\(number)", lastKey: nil, hash: "\(number % 7)")
        }
        var seen = PagesSeen()
        for page in pages { seen.add(page) }

        let expected = count <= 2_000 ? pages : Array(pages.prefix(1_000) + pages.suffix(1_000))
        #expect(seen.named == expected)
        #expect(seen.count == count)
        #expect(seen.root.text == PageEvidence.root(of: pages))
    }
}
