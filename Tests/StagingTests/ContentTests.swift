import CoreTypes
import Foundation
import GRDBSQLite
import SchedulerAPI
import Testing

@testable import Staging

/// What is kept of rows, and what a read would do to prices and stock.
@Suite struct ContentTests {
    private let fixture: StagingFixture

    init() throws { fixture = try StagingFixture() }

    private func packed(_ amount: Amount) -> [UInt8] {
        var bytes = GrowingBytes()
        PackedAmount.append(amount, to: &bytes)
        return Array(bytes.bytes)
    }

    private func amount(_ text: String) throws -> Amount {
        try #require(
            Array(text.utf8).withUnsafeBufferPointer { Amount(number: $0.baseAddress!, $0.count) })
    }

    /// Stored in published sets: another form would make every item look changed.
    @Test(arguments: [
        ("0", "0000"), ("-0.00", "0000"), ("1", "0001"), ("127", "007f"), ("128", "008001"), ("0.005", "0305"),
        ("12.50", "017d"), ("-3.5", "8123"), ("1e-7", "0701"), ("0.0000001", "0701"),
        ("99999999999999999", "00ffffa7ec85afd1b101"),
    ]) func `an amount is kept in these bytes`(text: String, expected: String) throws {
        #expect(ContentHash.hex(packed(try amount(text))) == expected)
    }

    @Test(arguments: [
        "0", "0.005", "1e-7", "-3.5", "-0.1", "12345678901234567", "123456789012345678", "18446744073709551615",
        "18446744073709551616", "-18446744073709551617.25", "9999999999999999999999999999999999",
        "0.000000000000000000000000000001", "1234567890123456789012345678901234",
    ]) func `an amount is read back exactly, and equal amounts are equal bytes`(text: String) throws {
        let bytes = packed(try amount(text))
        var at = 0
        let read = bytes.withUnsafeBytes { PackedAmount.read($0, &at) }
        let exact = try #require(ExactDecimal(text))
        #expect(read == exact)
        #expect(at == bytes.count)
        #expect(packed(.large(exact)) == bytes)
        for cut in 0..<bytes.count {
            var at = 0
            #expect(bytes[..<cut].withUnsafeBytes { PackedAmount.read($0, &at) } == nil)
        }
    }

    @Test func `a sum of amounts is exact, or not told`() throws {
        var sum = ExactSum()
        for text in ["0.1", "0.2", "-5", "123456789012345678901234"] { sum.add(try amount(text)) }
        #expect(sum.value == ExactDecimal("123456789012345678901229.3"))
        for _ in 0..<20 { sum.add(try amount("9999999999999999999999999999999999")) }
        #expect(sum.value == nil)
    }

    // MARK: Survey

    private func adopted(_ items: [SourceItem]) throws -> PublishedSet {
        let set = try fixture.published()
        try adopt(set, fixture.staged(items, number: 90), token: 1)
        return set
    }

    private func adopt(_ set: PublishedSet, _ staged: StagingFile, token: Int64) throws {
        try set.adopt(
            staged, modules: Module.allCases, versions: [:], run: staged.run, token: token, at: fixture.now)
    }

    private func survey(_ before: [SourceItem], _ after: [SourceItem]) throws -> Survey {
        try adopted(before).survey(fixture.staged(after, number: 2), modules: Module.allCases)
    }

    @Test func `an item that is emptied and without a price is dropped once`() throws {
        let survey = try survey(
            [
                SourceItem(key: "BOTH"), SourceItem(key: "GONE"), SourceItem(key: "SAME"),
                SourceItem(key: "STOCK", stock: ["01": ("2", "0"), "03": ("3", "0")]),
                SourceItem(key: "MOVED", stock: ["01": ("2", "0"), "03": ("0", "0")]),
                SourceItem(key: "ONE", prices: [1: "4", 2: "5"]),
            ],
            [
                SourceItem(key: "BOTH", prices: [1: "0"], stock: ["01": ("1", "1")]), SourceItem(key: "SAME"),
                SourceItem(key: "STOCK", stock: ["01": ("0", "0"), "03": ("-2", "0")]),
                SourceItem(key: "MOVED", stock: ["01": ("0", "0"), "03": ("2", "0")]),
                SourceItem(key: "ONE", prices: [1: "0", 2: "5"]), SourceItem(key: "NEW", prices: [1: "0"]),
            ])
        #expect((survey.previousCount, survey.missingCount) == (6, 1))
        #expect((survey.emptied, survey.unpriced, survey.dropped) == (2, 1, 3))
        // 4 of each of three, 5, 2, 4.
        #expect(survey.stockBefore == ExactDecimal(23))
    }

    @Test func `the largest change of each price list is found, whatever its size and direction`() throws {
        let survey = try survey(
            [
                SourceItem(key: "A", prices: [1: "100", 2: "0.005"]),
                SourceItem(key: "B", prices: [1: "0.01", 2: "50"]),
                SourceItem(key: "C", prices: [1: "0", 2: "-1"]),
            ],
            [
                SourceItem(key: "A", prices: [1: "199", 2: "0.0051"]),
                SourceItem(key: "B", prices: [1: "0.03", 2: "1e-7"]),
                SourceItem(key: "C", prices: [1: "1000", 2: "-1"]),
            ])
        let steps = try #require(survey.priceChanges)
        #expect(steps.map(\.priceList) == ["retail", "dealer"])
        #expect(steps.map(\.key) == ["B", "B"])
        #expect(steps.map(\.currency) == ["DKK", "DKK"])
        #expect(steps[0].before == ExactDecimal("0.01") && steps[0].after == ExactDecimal("0.03"))
        #expect(steps[1].before == ExactDecimal(50) && steps[1].after == ExactDecimal("0.0000001"))
    }

    /// A page as the source wrote it, with every `DKK` made something else.
    private func staged(_ items: [SourceItem], currency: String) throws -> StagingFile {
        let file = try fixture.newFile(2)
        try file.read(page(items.map { $0.json.replacingOccurrences(of: "\"DKK\"", with: currency) }))
        _ = try file.seal()
        return file
    }

    @Test func `a price in another currency is another price, and is counted and named`() throws {
        let set = try adopted([SourceItem(key: "A", prices: [1: "100"])])
        let file = try staged([SourceItem(key: "A", prices: [1: "900"])], currency: "\"EUR\"")
        let survey = try set.survey(file, modules: Module.allCases)
        #expect(survey.priceChanges == [], "nobody can say how large 900 EUR is beside 100 DKK")
        #expect(survey.currencyCount == 1)
        #expect(
            survey.currencyChanges == [
                CurrencyStep(
                    priceList: "retail", key: "A", currencyBefore: "DKK", currencyAfter: "EUR",
                    before: ExactDecimal(100), after: ExactDecimal(900))
            ])
        #expect(try set.difference(to: file, modules: Module.allCases)[.prices].updated == 1)
    }

    @Test(arguments: ["null", "\"\""])
    func `prices whose currency is lost become the company's own, and each of them is counted`(lost: String) throws {
        let items = (0..<30).map { SourceItem(key: "K\(100 + $0)", prices: [1: "900", 2: "5"]) }
        let set = try fixture.published()
        let euros = try staged(items, currency: "\"EUR\"")
        try adopt(set, euros, token: 1)
        let file = try fixture.newFile(3)
        try file.read(page(items.map { $0.json.replacingOccurrences(of: "\"DKK\"", with: lost) }))
        _ = try file.seal()
        let survey = try set.survey(file, modules: Module.allCases)
        #expect(survey.currencyCount == 60)
        #expect(survey.currencyChanges.count == ContentTally.currencyStepsMax)
        #expect(survey.currencyChanges.allSatisfy { $0.currencyBefore == "EUR" && $0.currencyAfter == "DKK" })
        #expect(survey.currencyChanges.map(\.key) == survey.currencyChanges.map(\.key).sorted())
    }

    @Test func `where there was no price no currency has changed, and what is 0 now has lost all it was`() throws {
        let set = try adopted([SourceItem(key: "A", prices: [1: "0"]), SourceItem(key: "B", prices: [1: "900"])])
        let after = [SourceItem(key: "A", prices: [1: "4"]), SourceItem(key: "B", prices: [1: "0"])]
        let survey = try set.survey(staged(after, currency: "\"EUR\""), modules: Module.allCases)
        #expect(survey.currencyCount == 0)
        #expect(
            survey.priceChanges == [
                PriceStep(priceList: "retail", currency: "DKK", key: "B", before: ExactDecimal(900), after: .zero)
            ])
    }

    @Test func `of a shop whose content is not known only the missing are told`() throws {
        let set = try adopted([SourceItem(key: "A"), SourceItem(key: "B")])
        let staged = try fixture.staged([SourceItem(key: "A", prices: [1: "0"], stock: [:])], number: 2)
        let known = try set.survey(staged, modules: Module.allCases)
        #expect((known.unpriced, known.emptied, known.dropped) == (1, 1, 2))
        let half = try set.survey(staged, modules: Module.allCases, knowing: [.products, .stock])
        #expect((half.unpriced, half.emptied, half.dropped) == (nil, 1, nil))
        #expect(half.missingCount == 1)
        try set.beginShopList()
        try set.takeShopList([(key: "A", name: "a"), (key: "B", name: "b")])
        try set.recordShopList(
            modules: Module.allCases, versions: [:], run: staged.run, token: 2, at: fixture.now)
        let survey = try set.survey(staged, modules: Module.allCases)
        #expect((survey.previousCount, survey.missingCount) == (2, 1))
        #expect((survey.unpriced, survey.emptied, survey.dropped, survey.stockBefore) == (nil, nil, nil, nil))
        #expect(survey.currencyCount == nil)
    }

    @Test func `past the changes that are noted the figures still count all`() throws {
        let before = (0..<40).map { SourceItem(key: "K\(100 + $0)") }
        let after = before.map { SourceItem(key: $0.key, prices: [1: "0"]) }
        let set = try adopted(before)
        let staged = try fixture.staged(after.shuffled(), number: 2)
        try set.attach(staged)
        let tally = ContentTally([.prices, .stock])
        let comparison = try set.comparing { () throws(StagingError) in
            try set.file.execute(
                """
                DELETE FROM temp.change; DELETE FROM temp.gone;
                CREATE TEMP TABLE found(id, flags, priceRows, stockRows)
                """)
            return try SetWalk(set.file, .byIndex, Module.allCases, tally, notesMax: 3).compared()
        }
        #expect(!comparison.isNoted)
        #expect((tally.unpriced, tally.dropped) == (40, 40))
    }

    // MARK: What was read

    @Test func `zero prices and stock of a read are added up exactly, without pages that were given up`() throws {
        let file = try fixture.newFile()
        try file.read(
            page([SourceItem(key: "A", prices: [1: "0.00", 2: "0"], stock: ["01": ("0.1", "0")]).json], next: "x"),
            cursor: "x")
        try file.beginPage()
        try file.feed(page([SourceItem(key: "X", prices: [1: "0"], stock: ["01": ("77", "0")]).json]))
        _ = try file.finishPage()
        try file.abandonPage()
        try file.read(page([SourceItem(key: "B", stock: ["01": ("0.2", "0"), "03": ("-4", "0")]).json]))
        _ = try file.seal()
        #expect(try file.totals() == StagedTotals(zeroPrices: 2, stock: ExactDecimal("-3.7")))
    }

    @Test(arguments: [true, false]) func `items that must be there are looked for`(inOrder: Bool) throws {
        let items =
            (0..<70).map { SourceItem(key: "K\(100 + $0)", prices: [1: "1", 2: "2"]) } + [
                SourceItem(key: "LESS", prices: [1: "1"]), SourceItem(key: "ZERO", prices: [1: "1", 2: "0.0"]),
            ]
        let staged = try fixture.staged(inOrder ? items : items.reversed())
        let keys = items.map(\.key)
        let sought = try staged.look(for: ["ZZ", "ZERO", "K1000", "LESS", "A"] + keys.prefix(70))
        #expect(sought == SoughtItems(missing: ["ZZ", "K1000", "A"], unpriced: ["ZERO", "LESS"]))
        #expect(try staged.look(for: []) == SoughtItems())
        let stock = try fixture.staged(items, number: 2, modules: [.stock])
        #expect(try stock.look(for: ["ZERO", "NO"]) == SoughtItems(missing: ["NO"]))
    }

    // MARK: Nothing gets lost

    @Test func `where only the dataset's hash tells of a change, all rows of the item are sent`() throws {
        let items = [SourceItem(key: "A", prices: [1: "1", 2: "2"]), SourceItem(key: "B")]
        let set = try adopted(items)
        // As after a change of how rows are written that the lists do not show.
        try set.file.execute("UPDATE item SET prices = randomblob(16), stock = randomblob(16) WHERE key = 'A'")
        let difference = try set.difference(to: fixture.staged(items, number: 2), modules: Module.allCases)
        #expect((difference[.prices].updated, difference[.stock].updated) == (2, 1))
        let batch = try #require(try difference.batches(of: .prices, mode: .delta).next())
        #expect(batch.rowCount == 2)
    }

    @Test func `a set of an older version is emptied when it is opened, and its highest token stays`() throws {
        let set = try adopted([SourceItem(key: "A")])
        try set.file.execute("PRAGMA user_version = 1")
        set.close()
        let opened = try fixture.published()
        #expect(try opened.state == nil)
        let staged = try fixture.staged([SourceItem(key: "A")], number: 2)
        #expect(try opened.survey(staged, modules: Module.allCases) == Survey())
        #expect(throws: StagingError.superseded(highest: 1)) { try adopt(opened, staged, token: 0) }
        try adopt(opened, staged, token: 2)
        #expect(try opened.difference(to: staged, modules: Module.allCases).isEmpty)
    }
}
