/// An HTTP request to a simulated system, read in full.
public struct SimRequest: Sendable {
    /// In capitals.
    public var method: String
    /// As sent, percent-encoded, without the query.
    public var path: String
    /// As sent, percent-encoded, without the question mark.
    public var query: String
    public var headers: SimHeaders
    public var body: [UInt8]

    /// - Parameter target: The request target of the first line: path, and query if there is one.
    public init(method: String, target: String, headers: SimHeaders = [:], body: [UInt8] = []) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        query = parts.count > 1 ? String(parts[1]) : ""
        self.headers = headers
        self.body = body
    }

    /// The same request one level down: `/demo-sap/b1s/v2/Items` becomes `demo-sap` and `/b1s/v2/Items`.
    func enteringFirstComponent() -> (component: String, rest: SimRequest)? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        let tail = path.dropFirst()
        let end = tail.firstIndex(of: "/") ?? tail.endIndex
        guard end > tail.startIndex else { return nil }
        var rest = self
        rest.path = String(tail[end...])
        return (String(tail[..<end]), rest)
    }

    var queryItems: QueryItems { QueryItems(query) }
}

/// Header fields; names are compared without regard to case.
public struct SimHeaders: Sendable, ExpressibleByDictionaryLiteral {
    public private(set) var fields: [(name: String, value: String)] = []

    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first field of this name; setting replaces all of them.
    public subscript(name: String) -> String? {
        get { fields.first { isSameName($0.name, name) }?.value }
        set {
            fields.removeAll { isSameName($0.name, name) }
            if let newValue { fields.append((name, newValue)) }
        }
    }

    public mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }

    public func all(_ name: String) -> [String] { fields.filter { isSameName($0.name, name) }.map(\.value) }

    /// The cookies a client sends, by name.
    var cookies: [String: String] {
        var cookies: [String: String] = [:]
        for field in all("Cookie") {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                cookies[trimmed(parts[0])] = trimmed(parts[1])
            }
        }
        return cookies
    }
}

private func isSameName(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
}

func trimmed(_ text: some StringProtocol) -> String {
    var text = Substring(text)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
}
