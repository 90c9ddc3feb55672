/// Text in columns: the first to the left, numbers to the right.
public struct Table: Sendable {
    public var header: [String]
    public var rows: [[String]] = []

    public init(_ header: [String]) { self.header = header }

    public var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let lines = all.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + padding : padding + row[column]
            }
            return trimmed("  " + cells.joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}

/// A number as a person reads it: three digits, and k or M for what is large.
public func readable(_ number: Double) -> String {
    switch abs(number) {
    case 10_000_000...: "\(rounded(number / 1_000_000, 1))M"
    case 1_000_000...: "\(rounded(number / 1_000_000, 2))M"
    case 100_000...: "\(rounded(number / 1000, 0))k"
    case 10_000...: "\(rounded(number / 1000, 1))k"
    case 1000...: "\(rounded(number / 1000, 2))k"
    case 100...: rounded(number, 0)
    case 10...: rounded(number, 1)
    default: rounded(number, 2)
    }
}

private func rounded(_ number: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let value = (number * scale).rounded() / scale
    return digits == 0 ? "\(Int(value))" : "\(value)"
}
