/// What a source writes in a field of its items.
public enum FieldKind: String, Codable, Sendable, CaseIterable {
    case text, number, boolean, list, object
    /// Nothing so far: which kind it is cannot be told.
    case empty
}

/// A field of the source's items that was not there before, is gone, or holds something of another kind.
public struct SourceFieldChange: Codable, Sendable, Equatable {
    public enum Change: String, Codable, Sendable, CaseIterable {
        case appeared, vanished, retyped
    }

    public var field: String
    public var change: Change
    /// nil for one that is new.
    public var was: FieldKind?
    /// nil for one that is gone.
    public var now: FieldKind?
    /// Whether the connection's mapping reads it.
    public var isMapped: Bool

    public init(field: String, change: Change, was: FieldKind?, now: FieldKind?, isMapped: Bool) {
        self.field = field
        self.change = change
        self.was = was
        self.now = now
        self.isMapped = isMapped
    }

    /// Catalogue key of what has become of it; its sentence is filled with `field`, `was` and `now`.
    public var reason: String { (isMapped ? "source_mapped_field_" : "source_field_") + change.rawValue }
}

/// How a field of the shop comes from the source.
public enum MappingRule: String, Codable, Sendable, CaseIterable {
    /// The source's value; numbers as exact decimals.
    case copied
    /// The source's code for a price list or warehouse, as the shop calls it.
    case translated
    /// The sum of several values of the source.
    case summed
    /// What lies there less what is reserved.
    case subtracted
    /// Whether the source's values are the ones that are asked for.
    case compared
    /// What the settings say where the source says nothing.
    case standard
    /// The same for every item.
    case fixed
}
