/// The head of an answer, and its body as it comes.
public struct HTTPResponse: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    public let body: HTTPBody

    public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: HTTPBody = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The headers of an answer in their order. They may hold session cookies, so they print as a count.
public struct HTTPHeaders: Sendable, CustomStringConvertible, CustomReflectable {
    private let fields: [(name: String, value: String)]

    public init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// The first value of this name, in whatever case it was written.
    public subscript(name: String) -> String? { all(name).first }

    /// Every value of this name, as several `Set-Cookie`.
    public func all(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    public var description: String { "\(fields.count) headers" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
