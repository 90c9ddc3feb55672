import JSON
public import SchedulerAPI

/// Which fields a source's items have, and what stands in them: what a run compares with the run before.
///
/// Taken from one item with all its fields. Systems with a fixed schema, as Business One, write every field of every
/// item, so one shows the names of all; a field that is empty there keeps the kind it had.
public struct SourcePicture: Sendable, Equatable {
    public var fields: [String: FieldKind]

    public init(fields: [String: FieldKind]) { self.fields = fields }

    /// Most fields that are kept; an item with more is no item.
    static let fieldsMax = 2_000

    /// - Returns: nil when the value is no object.
    init?(of item: JSONValue) {
        guard case .object(let members) = item else { return nil }
        fields = [:]
        // Names with a point or an at sign are OData's own.
        for (name, value) in members.prefix(Self.fieldsMax) where !name.contains("@") && name.utf8.count <= 200 {
            fields[name] = FieldKind(value)
        }
    }

    /// What has become of an earlier picture: fields that are read first, then by name.
    public func changes(since earlier: SourcePicture, mapped: Set<String>) -> [SourceFieldChange] {
        let names = Set(fields.keys).union(earlier.fields.keys)
        let changes = names.compactMap { name -> SourceFieldChange? in
            let (was, now) = (earlier.fields[name], fields[name])
            let change: SourceFieldChange.Change
            switch (was, now) {
            case (nil, _): change = .appeared
            case (_, nil): change = .vanished
            case (.empty?, _), (_, .empty?): return nil
            default: change = .retyped
            }
            guard was != now else { return nil }
            return SourceFieldChange(field: name, change: change, was: was, now: now, isMapped: mapped.contains(name))
        }
        return changes.sorted { ($0.isMapped ? 0 : 1, $0.field) < ($1.isMapped ? 0 : 1, $1.field) }
    }

    /// What is kept of this picture: a field that is empty this time is still what it was.
    public func keepingKinds(of earlier: SourcePicture?) -> SourcePicture {
        guard let earlier else { return self }
        var kept = self
        for (name, kind) in fields where kind == .empty { kept.fields[name] = earlier.fields[name] ?? .empty }
        return kept
    }
}

/// As `["number Price", "text ItemCode"]`, sorted: the same picture is the same text.
extension SourcePicture: Codable {
    public init(from decoder: any Decoder) throws {
        let lines = try decoder.singleValueContainer().decode([String].self)
        fields = [:]
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let kind = FieldKind(rawValue: String(parts[0])) else { continue }
            fields[String(parts[1])] = kind
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fields.map { "\($0.value.rawValue) \($0.key)" }.sorted())
    }
}

extension FieldKind {
    init(_ value: JSONValue) {
        switch value {
        case .string: self = .text
        case .number: self = .number
        case .bool: self = .boolean
        case .array: self = .list
        case .object: self = .object
        case .null: self = .empty
        }
    }
}
