import CoreTypes
import Foundation
import SchedulerAPI
import Testing

@testable import Staging

@Suite struct MappingTrialTests {
    private let choice = Mapping(
        products: ProductMapping(attributes: ["eco": "Eco", "weight": "Weight"]),
        prices: PriceMapping(priceLists: ["1": "retail", "2": "dealer"]),
        stock: StockMapping(warehouses: ["01": "main", "02": "main", "03": "outlet"]))

    private func findings(
        _ items: [String], _ mapping: Mapping? = nil, modules: [Module] = Module.allCases, limit: Int = 10
    ) throws -> TrialFindings {
        try MappingTrial(mapping ?? choice, layout: sapLayout, modules: modules)
            .run(on: page(items), sapPages, limit: limit)
    }

    private let item = SourceItem(
        key: #"æ\"1"#, name: #"L\u00e6mp"#, prices: [1: "10.50", 2: "1e2", 7: "3"],
        stock: ["01": ("5.0", "1.0"), "02": ("2", "0"), "03": ("1.5", "4")]
    ).json.replacing(#""BarCode":null"#, with: #""BarCode":null,"Weight":0.50,"Eco":true"#)

    @Test func `the rows are the very bytes a run would send`() throws {
        let tried = try #require(try findings([item]).items.first)
        let mapping = try CompiledMapping(choice, layout: sapLayout, modules: Module.allCases)
        for module in Module.allCases {
            let expected = try rows(item, module, mapping)
            #expect(tried.rows.filter { $0.module == module }.map(\.bytes.text).joined(separator: ",") == expected)
        }
        #expect(tried.key == #"æ"1"#)
    }

    @Test func `each field names the bytes it came from`() throws {
        let tried = try #require(try findings([item]).items.first)
        #expect(tried.bytes.text == item)
        func origin(_ module: Module, _ row: Int, _ name: String) throws -> [String] {
            let row = tried.rows.filter { $0.module == module }[row]
            let field = try #require(row.fields.first { $0.name == name })
            return ["\(field.rule) \(Array(row.bytes[field.range]).text)"]
                + field.sources.map { "\($0.path) \($0.range.map { Array(tried.bytes[$0]).text } ?? "none")" }
        }
        #expect(try origin(.products, 0, "name") == [#"copied "Læmp""#, #"ItemName "L\u00e6mp""#])
        #expect(try origin(.products, 0, "barcode") == ["copied null", "BarCode null"])
        #expect(try origin(.products, 0, "attributes.weight") == [#"copied "0.5""#, "Weight 0.50"])
        #expect(try origin(.products, 0, "active") == ["compared true", #"Valid "tYES""#, #"Frozen "tNO""#])
        #expect(try origin(.prices, 0, "price.amount") == [#"copied "100""#, "ItemPrices[1].Price 1e2"])
        #expect(try origin(.prices, 1, "price_list_code") == [#"translated "retail""#, "ItemPrices[0].PriceList 1"])
        #expect(try origin(.prices, 1, "min_quantity") == [#"fixed "1""#])
        #expect(
            try origin(.stock, 0, "on_hand") == [
                #"summed "7""#, "ItemWarehouseInfoCollection[0].InStock 5.0",
                "ItemWarehouseInfoCollection[1].InStock 2",
            ])
        #expect(
            try origin(.stock, 1, "available") == [
                #"subtracted "-2.5""#, "ItemWarehouseInfoCollection[2].InStock 1.5",
                "ItemWarehouseInfoCollection[2].Committed 4",
            ])
    }

    @Test func `copied values are what stands in the source, whatever the item`() throws {
        var random = SeededNumbers(state: 7)
        for _ in 0..<200 {
            let numbers = (0..<4).map { _ in
                let whole = Int64.random(in: 0..<(1 << 62), using: &random)
                return "\(whole).\(Int.random(in: 0..<1_000, using: &random))"
            }
            let item = SourceItem(
                key: "K\(UInt32.random(in: 0..<1_000, using: &random))", name: "N",
                prices: [2: numbers[0], 1: numbers[1]], stock: ["03": (numbers[2], numbers[3])]
            ).json
            for row in try #require(try findings([item]).items.first).rows {
                for field in row.fields where field.rule == .copied && field.sources.count == 1 {
                    guard let range = field.sources[0].range else { continue }
                    let source = Array(item.utf8)[range]
                    let (from, to) = (String(decoding: source, as: UTF8.self), Array(row.bytes[field.range]).text)
                    let plain = { (text: String) in text.filter { $0 != "\"" } }
                    if let number = ExactDecimal(plain(from)), !from.hasPrefix("\"") {
                        try #require(number.description == plain(to))
                    } else {
                        try #require(from == to)
                    }
                }
            }
        }
    }

    @Test func `settings that find nothing in these items are named`() throws {
        var mapping = choice
        mapping.products.barcode = "CodeBars"
        mapping.products.attributes = ["colour": "U_Colour"]
        mapping.prices.priceLists = ["1": "retail", "9": "vip"]
        mapping.stock.warehouses = ["99": "main"]
        let doubts = try findings([SourceItem(key: "A").json], mapping).doubts
        #expect(
            doubts == [
                .field("CodeBars", shopField: "barcode"), .field("U_Colour", shopField: "attributes.colour"),
                .priceList("9", found: ["1"]), .warehouse("99", found: ["01"]),
            ])
        #expect(try findings([]).doubts == [.noItems])
    }

    @Test func `an item that cannot be read says why, and the others are shown`() throws {
        let broken = SourceItem(key: "B", prices: [1: "\"12,50\""]).json
        let items = try findings([SourceItem(key: "A").json, broken, "[]"]).items
        #expect(items.map(\.unreadable) == [nil, .priceNotANumber, .notAnObject])
        #expect(items.map(\.key) == ["A", "B", nil])
        #expect(items[1].rows.isEmpty && !items[0].rows.isEmpty)
    }

    @Test func `a page that is not JSON to its end is no sample`() throws {
        let trial = try MappingTrial(choice, layout: sapLayout, modules: Module.allCases)
        let body = page([SourceItem(key: "A").json, SourceItem(key: "B").json])
        #expect(throws: StagingError.self) { try trial.run(on: Array(body.dropLast()), sapPages, limit: 1) }
    }
}
