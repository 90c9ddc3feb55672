import JSON
import SchedulerAPI

@testable import Staging

/// First byte: how the rest, a page of a source, is cut.
enum ItemTarget {
    private static let pages = PageLayout(items: "value", members: ["@odata.nextLink"])

    private struct Outcome: Equatable {
        var items: [[UInt8]] = []
        var offsets: [Int] = []
        var members: [String: PageMember] = [:]
        var isWhole = false
    }

    static func run(_ input: [UInt8]) throws {
        guard let seed = input.first else { return }
        let page = input.dropFirst()
        let outcome = try scan([page])
        var cuts = Cuts(seed)
        let inPieces = try scan(cuts.pieces(of: page))
        // What is wrong may be noticed at another place, but it is noticed, and what came before it is the same.
        try hold(inPieces.isWhole == outcome.isWhole, "cut: \(inPieces), whole: \(outcome)")
        try hold(!outcome.isWhole || inPieces == outcome, "cut: \(inPieces), whole: \(outcome)")
        try compareWithJSON(Array(page), outcome)
    }

    private static func scan(_ pieces: [ArraySlice<UInt8>]) throws -> Outcome {
        let mapping = try mapping.get()
        var scanner = ItemScanner(pages)
        var mapper = ItemMapper(mapping)
        var outcome = Outcome()
        for piece in pieces {
            let goesOn = try piece.withUnsafeBytes { bytes in
                while true {
                    let item: ScannedItem?
                    do throws(ScanFailure) { item = try scanner.next(in: bytes) } catch { return false }
                    guard let item else { return true }
                    outcome.items.append(Array(item.bytes))
                    outcome.offsets.append(item.offset)
                    try map(item, &mapper)
                }
            }
            guard goesOn else { return outcome }
        }
        outcome.isWhole = (try? scanner.finish()) != nil
        outcome.members = scanner.members
        return outcome
    }

    /// Rows for the shop are JSON, whatever the source wrote.
    private static func map(_ item: ScannedItem, _ mapper: inout ItemMapper) throws {
        do throws(UnreadableReason) { try mapper.map(item) } catch { return }
        for module in Module.allCases {
            let rows = mapper.withRows(of: module) { [UInt8(ascii: "[")] + $0.bytes.bytes + [UInt8(ascii: "]")] }
            let isJSON = (try? JSON.decode(JSONValue.self, from: rows)) != nil
            try hold(isJSON, "rows: \(String(decoding: rows, as: UTF8.self))")
        }
    }

    /// A page that one scanner takes the other takes too, with the same items; but names that stand twice and a depth
    /// over the limit are judged where they stand.
    private static func compareWithJSON(_ page: [UInt8], _ outcome: Outcome) throws {
        do {
            let items: [[UInt8]]? = try page.withUnsafeBytes { bytes in
                try JSON.scan(bytes) { root in
                    guard let value = root["value"], value.kind == .array else { return nil }
                    var items: [[UInt8]] = []
                    value.forEachElement { items.append(Array($0.rawBytes)) }
                    return items
                }
            }
            guard let items else { return try hold(!outcome.isWhole, "items where there are none") }
            try hold(outcome.isWhole && outcome.items == items, "found \(outcome), not \(items)")
        } catch let error as JSONError {
            let isJudgedElsewhere = ["repeated", "64 arrays"].contains(where: error.problem.contains)
            try hold(!outcome.isWhole || isJudgedElsewhere, "taken, though \(error)")
        }
    }

    private static let mapping = Result {
        try CompiledMapping(
            Mapping(
                prices: PriceMapping(priceLists: ["1": "retail", "2": "dealer"]),
                stock: StockMapping(warehouses: ["01": "main", "02": "main"], subtractReserved: true)),
            layout: ItemLayout(
                key: "ItemCode",
                prices: PriceLayout(array: "ItemPrices", list: "PriceList", price: "Price", currency: "Currency"),
                stock: StockLayout(
                    array: "ItemWarehouseInfoCollection", warehouse: "WarehouseCode", onHand: "InStock",
                    committed: "Committed"),
                activeWhen: [FieldValue("Valid", "tYES")]),
            modules: Module.allCases)
    }
}
