import SchedulerAPI

/// The missing items as a file that spreadsheets open: UTF-8 with a mark, semicolons, one item a line.
enum MissingItemsFile {
    static let name = "missing-items.csv"

    /// - Parameter cut: what the last line says where the list does not hold them all; the file may travel without its mail.
    static func text(_ items: [MissingItem], cut: String? = nil) -> String {
        let lines =
            items.map { "\(cell($0.key));\(cell($0.name))\r\n" } + (cut.map { [";\(cell("… " + $0))\r\n"] } ?? [])
        return "\u{FEFF}code;name\r\n" + lines.joined()
    }

    /// Quoted; what a spreadsheet would take for a formula is made plain text by an apostrophe.
    private static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let plain = (isFormula ? "'" : "") + text.map { $0.isNewline ? " " : String($0) }.joined()
        return "\"" + plain.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
