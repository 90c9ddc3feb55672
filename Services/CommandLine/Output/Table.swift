/// Rows for people, columns aligned; the last column is not padded.
struct Table {
    private let columns: [String]
    private var rows: [[String]] = []

    init(_ columns: String...) { self.columns = columns }

    mutating func add(_ cells: String...) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map { $0.singleLine })
    }

    var isEmpty: Bool { rows.isEmpty }

    func lines() -> [String] {
        let all = [columns.map { $0.uppercased() }] + rows
        let widths = columns.indices.map { column in all.map { $0[column].displayWidth }.max() ?? 0 }
        return all.map { row in
            row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell.padded(to: widths[index])
            }.joined(separator: "  ")
        }
    }
}

/// Names and values for people, values aligned.
struct Facts {
    private var facts: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        facts.append((name, value.singleLine))
    }

    func lines() -> [String] {
        let width = facts.map(\.name.displayWidth).max() ?? 0
        return facts.map { "\($0.name.padded(to: width))  \($0.value)" }
    }
}

extension String {
    /// Each line as it may be shown, empty ones too; ended by LF or CRLF.
    var lines: [String] {
        split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { String($0).singleLine }
    }

    /// Control characters, which a system's answer may hold, must not drive the terminal.
    var singleLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.isPrintableInLine ? $0 : " " }))
    }

    /// The columns a terminal uses: wide characters take two, combining marks none.
    var displayWidth: Int { reduce(0) { $0 + ($1.isWide ? 2 : 1) } }

    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintableInLine: Bool {
        switch generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }
}

extension Character {
    fileprivate var isWide: Bool {
        guard let scalar = unicodeScalars.first else { return false }
        return scalar.properties.isEmojiPresentation || (0x1100...0x115F).contains(scalar.value)
            || (0x2E80...0xA4CF).contains(scalar.value) || (0xAC00...0xD7A3).contains(scalar.value)
            || (0xF900...0xFAFF).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
    }
}
