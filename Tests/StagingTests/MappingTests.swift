import CoreTypes
import SchedulerAPI
import Testing

@testable import Staging

@Suite struct MappingTests {
    private let fixture: StagingFixture
    private let mapping: CompiledMapping

    init() throws {
        fixture = try StagingFixture()
        mapping = try fixture.mapping()
    }

    @Test func `an item becomes the shop's rows in one canonical form`() throws {
        let item = """
            { "Frozen":"tNO","ItemPrices":[{"Currency":"EUR","Price":12.50,"PriceList":2},{"PriceList":1,"Price":99,
            "Currency":""},{"PriceList":9,"Price":1}], "ItemCode":"A1","SalesUnit":"stk","SalesVATGroup":null,
            "ItemName":"Krog \\u00e6\\u00f8å 5\\" \\/ x","BarCode":"5701","ItemsGroupCode":100,"Unknown":{"deep":[1]},
            "ItemWarehouseInfoCollection":[{"WarehouseCode":"01","InStock":10.0,"Committed":2.5},
            {"WarehouseCode":"02","InStock":0.125,"Committed":0},{"WarehouseCode":"77","InStock":5,"Committed":0}]}
            """
        #expect(
            try rows(item, .products, mapping)
                == #"{"code":"A1","name":"Krog æøå 5\" / x","barcode":"5701","group_code":"100","unit":"stk","#
                + #""tax_code":null,"active":true}"#)
        #expect(
            try rows(item, .prices, mapping)
                == #"{"product_code":"A1","price_list_code":"dealer","min_quantity":"1","#
                + #""price":{"amount":"12.5","currency":"EUR"}},"#
                + #"{"product_code":"A1","price_list_code":"retail","min_quantity":"1","#
                + #""price":{"amount":"99","currency":"DKK"}}"#)
        #expect(
            try rows(item, .stock, mapping)
                == #"{"product_code":"A1","warehouse_code":"main","on_hand":"10.125","committed":"2.5","#
                + #""available":"7.625"}"#)
    }

    @Test(arguments: [
        ("0.005", "0.005"), ("1e-7", "0.0000001"), ("-3", "-3"), ("-0.0", "0"), ("12.500000", "12.5"), ("100", "100"),
        ("1.234567", "1.234567"), ("1E+3", "1000"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ("\"19.90\"", "19.9"), ("0.1e1", "1"), ("99999999999999999", "99999999999999999"),
        ("9999999999999999.99", "9999999999999999.99"), ("10.0", "10"), ("0.10", "0.1"),
    ])
    func `money is exact`(written: String, expected: String) throws {
        let item = SourceItem(key: "A", prices: [1: written]).json
        #expect(try rows(item, .prices, mapping).contains(#""amount":"\#(expected)""#))
    }

    @Test func `quick and exact decimals agree on random numbers`() throws {
        var random = SeededNumbers(state: 5)
        for _ in 0..<3000 {
            let numbers = (0..<3).map { _ in
                let whole =
                    UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0...63, using: &random)
                let decimals = Int.random(in: 0...8, using: &random)
                let tail = (0..<decimals).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
                return (Bool.random(using: &random) ? "-" : "") + "\(whole)" + (tail.isEmpty ? "" : "." + tail)
            }
            let exact = try numbers.map { try #require(ExactDecimal($0)) }
            let quick = try numbers.map { number in
                let bytes = Array(number.utf8)
                return try #require(bytes.withUnsafeBufferPointer { Amount(number: $0.baseAddress!, $0.count) })
            }
            var output = GrowingBytes()
            try #require(quick[0].adding(quick[1])?.subtracting(quick[2])).write(to: &output)
            let expected = exact[0].adding(exact[1])?.subtracting(exact[2])?.description
            try #require(Array(output.bytes).text == expected, "\(numbers)")
        }
    }

    @Test func `reserved stock is subtracted by the rule, and may leave less than nothing`() throws {
        let item = SourceItem(key: "A", stock: ["03": ("1.5", "4")]).json
        #expect(try rows(item, .stock, mapping).contains(#""on_hand":"1.5","committed":"4","available":"-2.5""#))
        let counted = try fixture.mapping(subtractReserved: false)
        #expect(try rows(item, .stock, counted).contains(#""on_hand":"1.5","committed":"4","available":"1.5""#))
    }

    @Test func `a price that is null is no row, and an empty list is an answer`() throws {
        #expect(try rows(SourceItem(key: "A", prices: [1: nil]).json, .prices, mapping) == "")
        #expect(try rows(SourceItem(key: "A", prices: [:]).json, .prices, mapping) == "")
    }

    @Test func `the same text in other escapes is the same row`() throws {
        let plain = SourceItem(key: "æ/\\\"", name: "tab\\t😀").json
        let escaped = SourceItem(key: "\\u00e6\\/\\u0022", name: "tab\\u0009\\ud83d\\ude00").json
        for module in Module.allCases {
            #expect(try rows(plain, module, mapping) == rows(escaped, module, mapping))
        }
    }

    @Test func `a field name in escapes is the same field`() throws {
        let item = SourceItem(key: "A").json.replacing("\"ItemName\"", with: #""It\u0065mName""#)
        #expect(try rows(item, .products, mapping).contains(#""name":"Name""#))
    }

    @Test func `an item that is frozen is not for sale`() throws {
        let item = SourceItem(key: "A").json.replacing(#""Frozen":"tNO""#, with: #""Frozen":"tYES""#)
        #expect(try rows(item, .products, mapping).contains(#""active":false"#))
    }

    @Test func `what is read is named down to the fields in the rows of lists`() throws {
        let mapping = try fixture.mapping([.prices, .stock])
        #expect(mapping.sourceFields == ["ItemCode", "ItemName", "ItemPrices", "ItemWarehouseInfoCollection"])
        #expect(
            mapping.namesRead == [
                "ItemCode", "ItemName", "ItemPrices", "ItemPrices.Currency", "ItemPrices.Price", "ItemPrices.PriceList",
                "ItemWarehouseInfoCollection", "ItemWarehouseInfoCollection.Committed",
                "ItemWarehouseInfoCollection.InStock", "ItemWarehouseInfoCollection.WarehouseCode",
            ])
    }

    @Test func `attributes keep their kind, with numbers as exact decimals`() throws {
        let choice = Mapping(products: ProductMapping(attributes: ["b": "Weight", "a": "Eco", "c": "None"]))
        let mapping = try CompiledMapping(choice, layout: sapLayout, modules: [.products])
        let item = SourceItem(key: "A").json.replacing(#""BarCode":null"#, with: #""Weight":0.50,"Eco":true"#)
        #expect(try rows(item, .products, mapping).contains(#""attributes":{"a":true,"b":"0.5","c":null}"#))
    }

    @Test(
        arguments: [
            ("[]", .notAnObject), ("{}", .keyMissing), (#"{"ItemCode":null}"#, .keyMissing),
            (#"{"ItemCode":""}"#, .keyMissing),
            (#"{"ItemCode":1.5}"#, .keyNotText), (#"{"ItemCode":{}}"#, .keyNotText),
            (#"{"ItemCode":"a\u0000"}"#, .keyNotText),
            (#"{"ItemCode":"\#(String(repeating: "æ", count: 101))"}"#, .keyTooLong),
            (#"{"ItemCode":"A","ItemCode":"B"}"#, .fieldTwice), (#"{"ItemCode":"A"}"#, .nameMissing),
            (#"{"ItemCode":"A","ItemName":[]}"#, .fieldNotAValue),
            (SourceItem(key: "A", prices: [1: "\"12,50\""]).json, .priceNotANumber),
            (SourceItem(key: "A", prices: [1: "{}"]).json, .priceNotANumber),
            (SourceItem(key: "A", prices: [1: "1e99"]).json, .numberTooLong),
            (SourceItem(key: "A", stock: ["01": ("null", "0")]).json, .stockNotANumber),
            (SourceItem(key: "A", stock: ["01": ("1", "\"x\"")]).json, .stockNotANumber),
            (SourceItem(key: "A").json.replacing(#""Currency":"DKK""#, with: #""Currency":5"#), .currencyNotText),
            (SourceItem(key: "A").json.replacing("ItemPrices", with: "Other"), .pricesMissing),
            (SourceItem(key: "A").json.replacing("ItemWarehouseInfo", with: "Other"), .stockMissing),
            (SourceItem(key: "A").json.replacing(#""PriceList":1,"#, with: ""), .priceListUnknown),
            (SourceItem(key: "A", prices: [1: "1", 2: "2"]).json.replacing(":2,", with: ":1,"), .priceListTwice),
            (SourceItem(key: "A").json.replacing(#""WarehouseCode":"01","#, with: ""), .warehouseUnknown),
            (
                SourceItem(key: "A", stock: ["01": ("1", "0"), "02": ("1", "0")]).json.replacing("02", with: "01"),
                .warehouseTwice
            ),
        ] as [(String, UnreadableReason)])
    func `what cannot be mapped is named, not guessed`(item: String, reason: UnreadableReason) {
        #expect(throws: reason) { try rows(item, .products, mapping) }
    }

    @Test func `a key of 100 characters is accepted, however many bytes`() throws {
        let key = String(repeating: "å", count: 100)
        #expect(try rows(SourceItem(key: key).json, .products, mapping).contains(key))
    }

    @Test func `mappings that would be ambiguous or impossible are refused`() throws {
        #expect(throws: MappingError.twoListsToOne("retail")) {
            try fixture.mapping(lists: ["1": "retail", "2": "retail"])
        }
        #expect(throws: MappingError.badName("")) { try fixture.mapping(lists: ["1": ""]) }
        #expect(throws: MappingError.notInSource(module: "stock")) {
            try CompiledMapping(Mapping(), layout: ItemLayout(key: "ItemCode"), modules: [.stock])
        }
        #expect(throws: MappingError.badName("kr.")) {
            try CompiledMapping(
                Mapping(prices: PriceMapping(defaultCurrency: "kr.")), layout: sapLayout, modules: [.prices])
        }
    }

    @Test func `another choice has another fingerprint, and asks only for what it reads`() throws {
        #expect(try fixture.mapping().fingerprint == fixture.mapping().fingerprint)
        #expect(try fixture.mapping(subtractReserved: false).fingerprint != mapping.fingerprint)
        #expect(try fixture.mapping([.prices]).fingerprint != mapping.fingerprint)
        #expect(try fixture.mapping([.prices]).sourceFields == ["ItemCode", "ItemName", "ItemPrices"])
    }
}
