/// A Service Layer query, percent-encoded as it goes into the request line.
///
/// Written by hand because item codes hold `'`, `/`, `#`, `%`, `+` and letters outside ASCII, and each of them means
/// something in a URL.
struct SAPQuery: Sendable, Equatable {
    var resource: String
    var options: [(name: String, value: String)] = []

    init(_ resource: String) { self.resource = resource }

    func with(_ name: String, _ value: String?) -> SAPQuery {
        guard let value else { return self }
        var query = self
        query.options.append((name, value))
        return query
    }

    var encoded: String {
        guard !options.isEmpty else { return resource }
        return resource + "?" + options.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
    }

    static func == (left: SAPQuery, right: SAPQuery) -> Bool { left.encoded == right.encoded }

    /// A string literal of OData: quotes doubled, in quotes.
    static func literal(_ text: String) -> String {
        var doubled = "'"
        for character in text.unicodeScalars {
            if character == "'" { doubled.unicodeScalars.append("'") }
            doubled.unicodeScalars.append(character)
        }
        return doubled + "'"
    }

    /// Both conditions, the first in brackets because it may hold an `or`.
    static func both(_ filter: String?, _ condition: String) -> String {
        guard let filter, !filter.isEmpty else { return condition }
        return "(\(filter)) and \(condition)"
    }
}
