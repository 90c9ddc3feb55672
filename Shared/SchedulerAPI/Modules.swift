/// One kind of data a connection moves; each can be switched off and run alone.
public enum Module: String, Codable, Sendable, Hashable, CaseIterable {
    case products
    case prices
    case stock
}

/// The outside systems Sluice has a connector for.
public enum SystemKind: String, Codable, Sendable, Hashable, CaseIterable {
    case sapBusinessOne
    case genericWebshop
    /// A shop that does not stage: each row sent is live at once.
    case directWebshop

    /// A source has items to count and read; a target is a shop to publish to.
    public var isSource: Bool { self == .sapBusinessOne }
    /// Whether it is a shop where each row sent is live at once.
    public var isDirect: Bool { self == .directWebshop }
    public var isTarget: Bool { self == .genericWebshop || self == .directWebshop }
    /// Options without which nothing can be asked of such a system.
    public var requiredOptions: [String] { self == .sapBusinessOne ? ["companyDatabase"] : [] }
}
