import Testing

@testable import SandboxService

@Suite struct ItemFilterTests {
    private let item: Item = {
        var item = CatalogueGenerator(seed: 1, priceLists: 1, warehouses: 1).makeItem(1, isSellable: true)
        item.code = "A'1"
        item.name = "Skruetrækker, rød"
        item.barcode = nil
        item.group = 104
        item.stock = [Item.Stock(inStock: -2500, committed: 0, ordered: 0)]
        item.updatedAt = 1_772_431_259  // 2026-03-02 06:00:59
        return item
    }()

    @Test(arguments: [
        "ItemCode eq 'A''1'", "ItemCode gt 'A'", "ItemCode lt 'B' and SalesItem eq 'tYES'", "not Frozen eq 'tYES'",
        "Frozen eq 'N'", "startswith(ItemName,'Skrue')", "endswith(ItemName, 'rød')", "contains(ItemName,'trækker')",
        "substringof('rød',ItemName)", "BarCode eq null", "ItemName ne null", "ItemsGroupCode eq 104",
        "QuantityOnStock lt 0", "QuantityOnStock eq -2.5", "UpdateDate ge '2026-03-02'", "UpdateDate le '20260302'",
        "UpdateDate eq datetime'2026-03-02T00:00:00'", "UpdateDate lt 2026-03-03", "UpdateTime eq '06:00:00'",
        "UpdateTime ge '0600'", "(ItemCode eq 'x' or ItemCode ge 'A') and (Valid eq 'tYES')",
        "ItemCode eq 'x' or ItemsGroupCode eq 104 and Valid eq 'tYES'",
    ])
    func `holds of the item`(text: String) throws {
        #expect(try ItemFilterParser.parse(text).matches(item))
    }

    @Test(arguments: [
        "ItemCode eq 'A1'", "ItemCode lt 'A'", "BarCode ne null", "BarCode eq '1'", "contains(ItemName,'RØD')",
        "UpdateTime gt '06:00:00'", "UpdateDate gt '2026-03-02'", "not (Valid eq 'tYES')", "QuantityOnStock gt -2.5",
    ])
    func `does not hold of the item`(text: String) throws {
        #expect(try !ItemFilterParser.parse(text).matches(item))
    }

    @Test(arguments: [
        "", "ItemCode", "ItemCode eq", "ItemCode eq 'x", "Nonsense eq 1", "itemcode eq 'x'", "Valid eq 'maybe'",
        "ItemCode eq 'x' and", "(ItemCode eq 'x'", "ItemCode eq 'x' Valid", "UpdateDate gt 'soon'",
        "startswith(ItemName)", "matches(ItemName,'x')", "ItemCode gt null", "startswith(Valid,'t')",
    ])
    func `what Service Layer would not take is refused`(text: String) {
        #expect(throws: QueryProblem.self) { try ItemFilterParser.parse(text) }
    }

    @Test func `a bound on the code is found among what is joined by and`() throws {
        let filter = try ItemFilterParser.parse("SalesItem eq 'tYES' and ItemCode gt 'M' and Valid eq 'tYES'")
        let split = try #require(filter.splittingLowerBound())
        #expect(split.after == "M")
        #expect(split.rest == (try ItemFilterParser.parse("SalesItem eq 'tYES' and Valid eq 'tYES'")))
        #expect(try ItemFilterParser.parse("ItemCode gt 'M' or Valid eq 'tYES'").splittingLowerBound() == nil)
    }
}
