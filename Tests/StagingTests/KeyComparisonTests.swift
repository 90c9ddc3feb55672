import SchedulerAPI
import Testing

@testable import Staging

/// What a shop lists beside what was staged, without order and in any pages.
@Suite struct KeyComparisonTests {
    private let fixture: StagingFixture

    init() throws { fixture = try StagingFixture() }

    private let items = ["A1", "B\u{F8}", "Z9"].map {
        SourceItem(key: $0, prices: [1: "1", 2: "2"], stock: ["01": ("1", "0"), "03": ("2", "0")])
    }

    private func page(_ rows: [String], next: String? = nil) -> [UInt8] {
        Array(
            #"{"items":[\#(rows.joined(separator: ","))],"next_cursor":\#(next.map { #""\#($0)""# } ?? "null"),"version":4}"#
                .utf8)
    }

    private func code(_ key: String) -> String { #"{"name":"n","code":"\#(key)"}"# }
    private func price(_ key: String, _ list: String, _ quantity: String = #""1""#) -> String {
        #"{"min_quantity":\#(quantity),"price_list_code":"\#(list)","product_code":"\#(key)","price":{"amount":"1"}}"#
    }

    @Test func `the same keys in another order and other pages are equal`() throws {
        let comparison = try KeyComparison(try fixture.staged(items), .products)
        let first = try comparison.read(page([code("Z9")], next: "c2"))
        #expect(first == ShopKeyPage(rows: 1, cursor: "c2", version: "4"))
        #expect(!comparison.isEqual)
        #expect(try comparison.read(page([code("B\\u00f8"), code("A1")])).cursor == nil)
        #expect(comparison.isEqual)
    }

    @Test(arguments: [#""1""#, #""1.0""#, "1", "1.000"])
    func `a price is known by product, list and a quantity of one, however it is written`(quantity: String) throws {
        let comparison = try KeyComparison(try fixture.staged(items), .prices)
        _ = try comparison.read(
            page(items.flatMap { [price($0.key, "retail", quantity), price($0.key, "dealer", quantity)] }))
        #expect(comparison.isEqual)
    }

    @Test func `stock is known by product and warehouse`() throws {
        let comparison = try KeyComparison(try fixture.staged(items), .stock)
        let rows = items.flatMap { item in
            ["main", "outlet"].map { #"{"product_code":"\#(item.key)","warehouse_code":"\#($0)"}"# }
        }
        _ = try comparison.read(page(rows))
        #expect(comparison.isEqual)
        #expect(comparison.listedCount == 6)
    }

    @Test(arguments: [
        (["A1", "B\u{F8}"], ["Z9"], []), (["A1", "B\u{F8}", "Z9", "X"], [], ["X"]),
        (["A1", "B\u{F8}", "X"], ["Z9"], ["X"]), (["A1", "B\u{F8}", "B\u{F8}"], ["Z9"], ["B\u{F8}"]),
        (["a1", "B\u{F8}", "Z9"], ["A1"], ["a1"]), ([], ["A1", "B\u{F8}", "Z9"], []),
    ])
    func `what differs is named`(shown: [String], missing: [String], unexpected: [String]) throws {
        let comparison = try KeyComparison(try fixture.staged(items), .products)
        _ = try comparison.read(page(shown.map(code)))
        #expect(!comparison.isEqual)
        try comparison.beginNaming()
        _ = try comparison.read(page(shown.map(code)))
        #expect(
            try comparison.difference()
                == KeyDifference(
                    missing: missing, missingCount: missing.count, unexpected: unexpected,
                    unexpectedCount: unexpected.count))
    }

    @Test func `a price for another quantity was not published`() throws {
        let comparison = try KeyComparison(try fixture.staged([items[0]]), .prices)
        let rows = [price("A1", "retail"), price("A1", "dealer"), price("A1", "retail", #""10""#)]
        _ = try comparison.read(page(rows))
        #expect(!comparison.isEqual)
        try comparison.beginNaming()
        _ = try comparison.read(page(rows))
        let difference = try comparison.difference()
        #expect(difference.unexpected == ["A1 / retail / 10"])
        #expect(difference.missingCount == 0)
    }

    @Test(arguments: [
        #"{"items":[{"code":"A1"},{"name":"x"}]}"#, #"{"items":[{"code":7}]}"#, #"{"items":[{"code":""}]}"#,
        #"{"items":[{"code":"A1","code":"B"}]}"#, #"{"items":["A1"]}"#, #"{"rows":[]}"#, #"{"items":[{"code":"A1"}"#,
    ])
    func `a page that is no list of keys is refused and counts for nothing`(text: String) throws {
        let comparison = try KeyComparison(try fixture.staged(items), .products)
        #expect(throws: StagingError.self) { try comparison.read(Array(text.utf8)) }
        #expect(comparison.listedCount == 0)
        _ = try comparison.read(page(items.map { code($0.key) }))
        #expect(comparison.isEqual)
    }

    @Test func `names are cut to a number, counts are not`() throws {
        let many = (0..<50).map { SourceItem(key: "K\(100 + $0)") }
        let comparison = try KeyComparison(try fixture.staged(many), .products)
        try comparison.beginNaming()
        _ = try comparison.read(page([]))
        let difference = try comparison.difference()
        #expect(difference.missing == (0..<20).map { "K\(100 + $0)" })
        #expect(difference.missingCount == 50)
    }
}
