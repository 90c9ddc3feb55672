import CoreTypes
import Foundation
import SchedulerAPI
import Testing

@testable import Staging

/// A source like SAP Business One: the layout its connector states.
let sapLayout = ItemLayout(
    key: "ItemCode",
    prices: PriceLayout(array: "ItemPrices", list: "PriceList", price: "Price", currency: "Currency"),
    stock: StockLayout(
        array: "ItemWarehouseInfoCollection", warehouse: "WarehouseCode", onHand: "InStock", committed: "Committed"),
    activeWhen: [FieldValue("Valid", "tYES"), FieldValue("Frozen", "tNO")])

let sapPages = PageLayout(items: "value", members: ["@odata.nextLink", "@odata.count"])

/// Repeatable chance (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// An item of the source, as the tests think of it.
struct SourceItem: Equatable {
    var key: String
    var name = "Name"
    /// Price list → price as it is written; nil = null.
    var prices: [Int: String?] = [1: "10.5"]
    /// Warehouse → in stock and committed, as they are written.
    var stock: [String: (String, String)] = ["01": ("5.0", "1.0")]

    var json: String {
        let prices = prices.sorted { $0.key < $1.key }.map { list, price in
            #"{"PriceList":\#(list),"Price":\#(price ?? "null"),"Currency":"DKK"}"#
        }
        let stock = stock.sorted { $0.key < $1.key }.map { code, amounts in
            #"{"WarehouseCode":"\#(code)","InStock":\#(amounts.0),"Committed":\#(amounts.1)}"#
        }
        return #"{"ItemCode":"\#(key)","ItemName":"\#(name)","BarCode":null,"ItemsGroupCode":100,"#
            + #""SalesUnit":"stk","SalesVATGroup":"S1","Valid":"tYES","Frozen":"tNO","#
            + #""ItemPrices":[\#(prices.joined(separator: ","))],"#
            + #""ItemWarehouseInfoCollection":[\#(stock.joined(separator: ","))]}"#
    }

    static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

func page(_ items: [String], next: String? = nil) -> [UInt8] {
    let link = next.map { #","@odata.nextLink":"\#($0)""# } ?? ""
    return Array(#"{"@odata.context":"$metadata#Items","value":[\#(items.joined(separator: ","))]\#(link)}"#.utf8)
}

extension [UInt8] {
    init(_ batch: UnsafeRawBufferPointer) { self.init(batch[...]) }

    var text: String { String(decoding: self, as: UTF8.self) }
}

/// A folder of its own for each test, removed with the fixture.
final class StagingFixture {
    let path: String
    let folder: StagingFolder
    let connection = ConnectionID(bytes: (7, 7))
    let now = Instant(seconds: 1_780_000_000)

    init() throws {
        path = NSTemporaryDirectory() + "staging-" + UUID().uuidString
        folder = try StagingFolder(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static func run(_ number: UInt64) -> RunID { RunID(bytes: (0, number)) }

    func mapping(
        _ modules: [Module] = Module.allCases, lists: [String: String] = ["1": "retail", "2": "dealer"],
        warehouses: [String: String] = ["01": "main", "02": "main", "03": "outlet"], subtractReserved: Bool = true
    ) throws -> CompiledMapping {
        try CompiledMapping(
            Mapping(
                prices: PriceMapping(priceLists: lists),
                stock: StockMapping(warehouses: warehouses, subtractReserved: subtractReserved)),
            layout: sapLayout, modules: modules)
    }

    func newFile(
        _ number: UInt64 = 1, token: Int64 = 1, _ modules: [Module] = Module.allCases
    ) throws -> StagingFile {
        try folder.create(
            run: Self.run(number), token: token, mapping: try mapping(modules), pages: sapPages, at: now)
    }

    func reopen(_ number: UInt64 = 1, token: Int64 = 1, _ mapping: CompiledMapping? = nil) throws -> StagingFile {
        try folder.reopen(
            run: Self.run(number), token: token, mapping: try mapping ?? self.mapping(), pages: sapPages)
    }

    /// A sealed set of these items, in pages of `pageSize`.
    func staged(
        _ items: [SourceItem], number: UInt64 = 1, token: Int64 = 1, modules: [Module] = Module.allCases,
        pageSize: Int = 7
    ) throws -> StagingFile {
        let file = try newFile(number, token: token, modules)
        for start in stride(from: 0, to: max(items.count, 1), by: pageSize) {
            try file.read(page(items[start..<min(start + pageSize, items.count)].map(\.json)))
        }
        _ = try file.seal()
        return file
    }

    func published() throws -> PublishedSet { try PublishedSet(folder: path, connection: connection) }

    var fileNames: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

extension StagingFile {
    func pageRecords() throws -> [PageRecord] {
        var records: [PageRecord] = []
        try forEachPage { records.append($0) }
        return records
    }

    @discardableResult
    func read(_ body: [UInt8], cursor: String? = nil) throws -> ReadPage {
        try beginPage()
        try feed(body)
        let page = try finishPage()
        try commitPage(cursor: cursor)
        return page
    }
}

/// Maps one item and returns its rows as text, or throws why it cannot be read.
func rows(_ item: String, _ module: Module, _ mapping: CompiledMapping) throws -> String {
    var mapper = ItemMapper(mapping)
    var scanner = ItemScanner(PageLayout(items: "value", members: []))
    let body = Array(#"{"value":[\#(item)]}"#.utf8)
    return try body.withUnsafeBytes { bytes in
        let scanned = try #require(try scanner.next(in: bytes))
        try mapper.map(scanned)
        return mapper.withRows(of: module) { Array($0.bytes.bytes).text }
    }
}
