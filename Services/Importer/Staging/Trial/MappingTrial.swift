public import SchedulerAPI

/// Maps a few items exactly as a run does, and tells of each shop field which bytes of the item it came from.
///
/// The rows are the item path's own. Where they came from is found a second time, from the merchant's choice and the
/// source's layout; a test compares the two.
public struct MappingTrial: Sendable {
    private let mapping: Mapping
    private let layout: ItemLayout
    private let compiled: CompiledMapping

    /// - Throws: ``MappingError`` when the choice cannot be used with this source whatever its items are.
    public init(_ mapping: Mapping, layout: ItemLayout, modules: [Module]) throws(MappingError) {
        compiled = try CompiledMapping(mapping, layout: layout, modules: modules)
        self.mapping = mapping
        self.layout = layout
    }

    /// - Parameters:
    ///   - page: A page of whole items, as it came.
    ///   - limit: Items after this many are only checked for being JSON.
    /// - Throws: ``StagingError/page(_:)`` when the page cannot be read.
    public func run(on page: [UInt8], _ pages: PageLayout, limit: Int) throws(StagingError) -> TrialFindings {
        var findings = TrialFindings()
        var scanner = ItemScanner(pages)
        var mapper = ItemMapper(compiled)
        do {
            try page.withUnsafeBytes { bytes in
                while let item = try scanner.next(in: bytes) {
                    guard findings.items.count < limit else { continue }
                    let value = PlacedValue(item)
                    findings.note(value, layout)
                    findings.items.append(self.item(item, value, &mapper))
                }
                try scanner.finish()
            }
        } catch let failure as ScanFailure {
            throw .page(failure)
        } catch {
            throw .file("\(error)")
        }
        findings.doubts = doubts(findings)
        return findings
    }

    private func item(_ item: ScannedItem, _ value: PlacedValue, _ mapper: inout ItemMapper) -> TrialItem {
        var result = TrialItem(bytes: Array(item.bytes))
        do throws(UnreadableReason) {
            try mapper.map(item)
        } catch {
            result.unreadable = error
        }
        if mapper.key.count > 0 { result.key = String(decoding: mapper.key.bytes, as: UTF8.self) }
        guard result.unreadable == nil else { return result }
        let origins = FieldOrigins(mapping, layout, value)
        for module in compiled.modules {
            let rows = mapper.withRows(of: module) { rows in (0..<rows.count).map { Array(rows.row($0)) } }
            result.rows += rows.map { row in
                TrialRow(module: module, bytes: row, fields: origins.fields(of: row, module))
            }
        }
        return result
    }

    // MARK: What finds nothing

    private func doubts(_ findings: TrialFindings) -> [TrialDoubt] {
        guard !findings.items.isEmpty else { return [.noItems] }
        var doubts: [TrialDoubt] = []
        for (shopField, field) in chosenFields where findings.kinds[field] == nil {
            doubts.append(.field(field, shopField: shopField))
        }
        if compiled.modules.contains(.prices) {
            doubts += missing(from: findings.priceLists, mapping.prices.priceLists).map {
                .priceList($0, found: findings.priceLists)
            }
        }
        if compiled.modules.contains(.stock) {
            doubts += missing(from: findings.warehouses, mapping.stock.warehouses).map {
                .warehouse($0, found: findings.warehouses)
            }
        }
        return doubts
    }

    private func missing(from found: [String], _ choice: [String: String]) -> [String] {
        choice.keys.sorted().filter { !found.contains($0) }
    }

    private var chosenFields: [(shopField: String, field: String)] {
        guard compiled.modules.contains(.products) else { return [("name", mapping.products.name)] }
        return FieldOrigins.productFields(mapping.products)
    }
}

/// What a trial has seen.
public struct TrialFindings: Sendable, Equatable {
    public var items: [TrialItem] = []
    public var doubts: [TrialDoubt] = []
    /// Top-level fields of the items.
    public var kinds: [String: FieldKind] = [:]
    /// Codes in the items, in the order they came.
    public var priceLists: [String] = []
    public var warehouses: [String] = []

    public init() {}

    mutating func note(_ item: PlacedValue, _ layout: ItemLayout) {
        for (name, value) in item.members where value.kind != .empty || kinds[name] == nil { kinds[name] = value.kind }
        if let prices = layout.prices { Self.note(item[prices.array], prices.list, &priceLists) }
        if let stock = layout.stock { Self.note(item[stock.array], stock.warehouse, &warehouses) }
    }

    private static func note(_ list: PlacedValue?, _ field: String, _ codes: inout [String]) {
        for row in list?.elements ?? [] {
            guard let code = row[field]?.code, !codes.contains(code), codes.count < 200 else { continue }
            codes.append(code)
        }
    }
}

/// A part of the choice that found nothing in the items; whether that is wrong only people can say.
public enum TrialDoubt: Sendable, Equatable {
    case noItems
    case field(String, shopField: String)
    case priceList(String, found: [String])
    case warehouse(String, found: [String])
}

public struct TrialItem: Sendable, Equatable {
    public var key: String?
    public var unreadable: UnreadableReason?
    public var bytes: [UInt8]
    public var rows: [TrialRow] = []
}

public struct TrialRow: Sendable, Equatable {
    public var module: Module
    /// As it would be sent.
    public var bytes: [UInt8]
    public var fields: [TrialField]
}

public struct TrialField: Sendable, Equatable {
    public var name: String
    /// In the row's bytes.
    public var range: Range<Int>
    public var rule: MappingRule
    public var sources: [TrialSource]
}

public struct TrialSource: Sendable, Equatable {
    public var path: String
    /// In the item's bytes; nil when the item has no such field.
    public var range: Range<Int>?
}
