/// The `$skip` of a link to a page.
struct SAPSkip {
    private let before: Substring
    private let after: Substring
    let rows: Int

    /// - Returns: nil when the link has none, or more than one.
    init?(_ link: String) {
        var found: Range<Substring.Index>?
        var rest = link[...]
        while let at = rest.firstIndex(where: { $0 == "?" || $0 == "&" }) {
            rest = rest[rest.index(after: at)...]
            guard let name = ["$skip=", "%24skip="].first(where: { rest.hasPrefix($0) }) else { continue }
            guard found == nil else { return nil }
            let start = rest.index(rest.startIndex, offsetBy: name.count)
            found = start..<(rest[start...].firstIndex(of: "&") ?? rest.endIndex)
        }
        guard let found, let rows = Int(link[found]), rows >= 0 else { return nil }
        (before, after, self.rows) = (link[..<found.lowerBound], link[found.upperBound...], rows)
    }

    /// The same link, so many rows on.
    func link(further rows: Int) -> String { "\(before)\(self.rows + rows)\(after)" }
}
