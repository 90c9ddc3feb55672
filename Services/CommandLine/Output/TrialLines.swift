import CoreTypes
import ImporterAPI
import SchedulerAPI

/// What a mapping makes of a few items, for people.
struct TrialLines {
    private let answer: TryMapping.Response
    private let texts: TextLookup
    private let source: String
    private let isWhole: Bool

    /// A value longer than this is cut in the table.
    private static let widthMax = 44

    init(_ answer: TryMapping.Response, _ texts: TextLookup, source: String, isWhole: Bool) {
        self.answer = answer
        self.texts = texts
        self.source = source
        self.isWhole = isWhole
    }

    var all: [String] {
        if let failed { return failed }
        return answer.items.flatMap(lines) + warnings + ["", texts.title("trial_changed_nothing")]
    }

    var sourceFields: [String] {
        if let failed { return failed }
        var table = Table("field", "holds")
        for field in answer.sourceFields { table.add(field.name, field.kind.rawValue) }
        return table.lines()
    }

    private var failed: [String]? {
        guard let step = answer.steps.last, step.failure != nil else { return nil }
        return texts.guidance(step, of: source) + [step.detail ?? ""].filter { !$0.isEmpty }
    }

    private var warnings: [String] {
        answer.warnings.flatMap { warning in
            let lines = texts.guidance(warning.reason, warning.arguments).map(\.singleLine)
            return ["", "!  " + lines[0]] + lines.dropFirst().map { "   " + $0 }
        }
    }

    private func lines(_ item: TriedItem) -> [String] {
        var lines = ["", "Item \(item.key ?? "without a key")  (\(item.sourceLength) bytes)".singleLine]
        if let reason = item.unreadable { lines += ["  cannot be read: \(texts.title(reason))"] }
        if isWhole { lines += ["  source: " + item.source.singleLine] }
        for row in item.rows {
            lines += [""] + table(row).lines().map { "  " + $0 }
            if isWhole { lines += ["  sent: " + row.row.singleLine] }
        }
        if item.rowsLeftOff > 0 { lines.append("  … and \(item.rowsLeftOff) rows that do not fit; try fewer items") }
        return lines
    }

    /// One line for each value of the source; the shop's field is named on its first.
    private func table(_ row: TriedRow) -> Table {
        var table = Table("source field", "bytes", "in the source", "", row.module.rawValue, "in the shop")
        for field in row.fields {
            let value = Self.shortened(field.value)
            if field.sources.isEmpty { table.add("–", "", "", field.rule.rawValue, field.name, value) }
            for (index, place) in field.sources.enumerated() {
                table.add(
                    place.path, place.offset.map { "\($0)–\($0 + place.length)" } ?? "",
                    place.offset == nil ? "(no such field)" : Self.shortened(place.text), field.rule.rawValue,
                    index == 0 ? field.name : "", index == 0 ? value : "")
            }
        }
        return table
    }

    private static func shortened(_ text: String) -> String {
        text.count > widthMax ? text.prefix(widthMax - 1) + "…" : text
    }
}
