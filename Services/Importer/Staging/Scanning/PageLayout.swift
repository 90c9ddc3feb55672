/// Where a page of the source keeps its items, and which of its other members the reader wants to know.
public struct PageLayout: Sendable, Equatable {
    /// Name of the member that holds the list of items: `value` (OData), `items` (generic webshop).
    public var items: String
    /// Names of further members, such as the link to the next page.
    public var members: [String]

    public init(items: String, members: [String]) {
        self.items = items
        self.members = members
    }
}

/// A member of a page beside its items.
public enum PageMember: Sendable, Equatable {
    case string(String)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null
    /// An object or a list, which no reader asks for.
    case structure

    /// What a string says or a number reads; nil for everything else.
    ///
    /// Counts come as numbers or as strings, depending on the version of the source.
    public var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool, .null, .structure: nil
        }
    }
}

/// How much of a page is held at once, and what is refused.
public struct ScanLimits: Sendable, Equatable {
    /// Longest item or member, in bytes.
    public var valueBytesMax: Int
    public var depthMax: Int
    /// Most values inside one item, names included; a note of 16 bytes is kept of each.
    public var tokensMax: Int

    public init(valueBytesMax: Int = 8 << 20, depthMax: Int = 64, tokensMax: Int = 1 << 20) {
        self.valueBytesMax = valueBytesMax
        self.depthMax = depthMax
        self.tokensMax = tokensMax
    }
}
