import JSON

/// Reading answers of systems that write the same thing as a number today and a string tomorrow.
extension JSONValue {
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    /// A string, or a number as it was written.
    var text: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        default: nil
        }
    }

    /// A whole number, written as a number or as a string; nil for one that no count or token comes near, so that nobody
    /// who adds or doubles it overflows.
    var whole: Int? { text.flatMap { Int($0) }.flatMap { abs(Double($0)) <= Double(Self.wholeMax) ? $0 : nil } }

    /// What a system may say it has.
    static let wholeMax = 1_000_000_000_000

    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}
