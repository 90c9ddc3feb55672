import Connectors
import ImporterAPI
import SchedulerAPI
import Staging

/// The findings of a trial as they are answered: under the largest frame, whatever the items are.
struct TrialAnswer {
    private let findings: TrialFindings
    private let sample: ItemSample
    private let keys: [String]?
    /// Bytes that rows and fields may still take, as JSON at its longest.
    private var room = 500_000

    /// The longest frame is 1 MiB; quotes and backslashes take two bytes each.
    private static let sourceBytesMax = 16 << 10
    private static let excerptBytesMax = 200
    private static let fieldsMax = 1_000

    init(_ findings: TrialFindings, _ sample: ItemSample, _ request: TryMapping) {
        self.findings = findings
        self.sample = sample
        keys = request.keys
    }

    func response(_ steps: [ProbeStep]) -> TryMapping.Response {
        var answer = self
        return TryMapping.Response(
            steps: steps, items: findings.items.map { answer.item($0) }, warnings: Array(warnings.prefix(300)),
            sourceFields: findings.kinds.sorted { $0.key < $1.key }.prefix(Self.fieldsMax).map {
                SourceField(name: Self.shortened(Array($0.key.utf8), to: 100), kind: $0.value)
            })
    }

    private mutating func item(_ item: TrialItem) -> TriedItem {
        var result = TriedItem(
            key: item.key.map { Self.shortened(Array($0.utf8), to: 400) }, unreadable: item.unreadable?.rawValue,
            source: Self.shortened(item.bytes, to: Self.sourceBytesMax), sourceLength: item.bytes.count, rows: [])
        for row in item.rows {
            let tried = Self.row(row, item.bytes)
            let size = Self.size(of: tried)
            guard size <= room else {
                result.rowsLeftOff += 1
                continue
            }
            room -= size
            result.rows.append(tried)
        }
        return result
    }

    private static func row(_ row: TrialRow, _ item: [UInt8]) -> TriedRow {
        TriedRow(
            module: row.module, row: String(decoding: row.bytes, as: UTF8.self),
            fields: row.fields.map { field in
                TriedField(
                    name: field.name, value: shortened(Array(row.bytes[field.range]), to: 4_000), rule: field.rule,
                    sources: field.sources.map { source in
                        SourcePlace(
                            path: source.path, offset: source.range?.lowerBound, length: source.range?.count ?? 0,
                            text: shortened(source.range.map { Array(item[$0]) } ?? [], to: excerptBytesMax))
                    })
            })
    }

    /// At its longest: each byte may need two, and names and braces stand around.
    private static func size(of row: TriedRow) -> Int {
        row.fields.reduce(2 * row.row.utf8.count + 100) { size, field in
            field.sources.reduce(size + 2 * (field.name.utf8.count + field.value.utf8.count) + 100) {
                $0 + 2 * ($1.path.utf8.count + $1.text.utf8.count) + 100
            }
        }
    }

    /// Whole characters of at most so many bytes.
    static func shortened(_ bytes: [UInt8], to limit: Int) -> String {
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        var end = limit
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    // MARK: Warnings

    private var warnings: [TrialWarning] {
        let seen = Set(findings.items.compactMap(\.key))
        let absent = (keys ?? []).filter { !seen.contains($0) }.map {
            TrialWarning(reason: "trial_key_not_found", arguments: ["key": $0])
        }
        let outside = sample.outsideFilter.map { TrialWarning(reason: "trial_key_not_read", arguments: ["key": $0]) }
        return absent + outside + findings.doubts.compactMap(warning)
    }

    private func warning(_ doubt: TrialDoubt) -> TrialWarning? {
        switch doubt {
        case .noItems: keys == nil ? TrialWarning(reason: "trial_no_items", arguments: [:]) : nil
        case .field(let field, let shopField):
            TrialWarning(reason: "trial_field_not_in_items", arguments: ["field": field, "shopField": shopField])
        case .priceList(let list, let found):
            TrialWarning(
                reason: "trial_price_list_not_in_items", arguments: ["priceList": list, "found": Self.list(found)])
        case .warehouse(let warehouse, let found):
            TrialWarning(
                reason: "trial_warehouse_not_in_items", arguments: ["warehouse": warehouse, "found": Self.list(found)])
        }
    }

    private static func list(_ codes: [String]) -> String {
        codes.isEmpty ? "–" : codes.prefix(20).map { shortened(Array($0.utf8), to: 40) }.joined(separator: ", ")
    }
}
