import JSON
public import SchedulerAPI

/// Which fields a source's items have, and what stands in them: what a run compares with the run before.
///
/// Taken from one item with all its fields. Systems with a fixed schema, as Business One, write every field of every
/// item, so one shows the names of all; a field that is empty there keeps the kind it had. Of lists of objects, as the
/// prices of an item, the fields of their rows are part of it, named `ItemPrices.Currency`; what stands in those rows in
/// turn is not. A list without rows shows nothing of them: then they are taken to be what they were.
public struct SourcePicture: Sendable, Equatable {
    public var fields: [String: FieldKind]

    public init(fields: [String: FieldKind]) { self.fields = fields }

    /// Most fields that are kept; an item with more is no item.
    static let fieldsMax = 2_000

    /// Most rows of a list that are looked at, and most fields of theirs that are kept. An item of a source has a row for
    /// each price list, warehouse, unit or supplier, and they are written alike.
    static let rowsMax = 100
    static let rowFieldsMax = 200

    /// - Returns: nil when the value is no object.
    init?(of item: JSONValue) {
        guard case .object(let members) = item else { return nil }
        fields = [:]
        let own = members.prefix(Self.fieldsMax).filter { Self.isField($0.key) }
        for (name, value) in own { fields[name] = FieldKind(value) }
        for (name, value) in own {
            guard case .array(let rows) = value else { continue }
            for (field, kind) in Self.fields(of: rows) where fields.count < Self.fieldsMax {
                fields["\(name).\(field)"] = kind
            }
        }
    }

    /// Names with a point or an at sign are OData's own.
    private static func isField(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 200 && !name.utf8.contains { $0 == UInt8(ascii: "@") || $0 == point }
    }

    private static let point = UInt8(ascii: ".")

    /// The fields of the rows of a list, each once, by name. One that is written in two ways counts as the first of them in
    /// the order of ``FieldKind``, so that it does not matter in which order the rows come.
    private static func fields(of rows: [JSONValue]) -> [(String, FieldKind)] {
        var union: [String: FieldKind] = [:]
        for case .object(let members) in rows.prefix(rowsMax) {
            for (name, value) in members.prefix(fieldsMax) where isField(name) {
                let kind = FieldKind(value)
                guard let known = union[name] else {
                    if union.count < rowFieldsMax { union[name] = kind }
                    continue
                }
                if kind.place < known.place { union[name] = kind }
            }
        }
        return union.sorted { $0.key < $1.key }
    }

    /// Of `ItemPrices.Currency` the list; nil for a field of the item itself.
    private static func list(of name: String) -> Substring? {
        name.utf8.firstIndex(of: point).map { name[..<$0] }
    }

    /// Lists whose rows are known.
    private var listsSeen: Set<Substring> { Set(fields.keys.compactMap(Self.list)) }

    /// What has become of an earlier picture: fields that are read first, then by name.
    public func changes(since earlier: SourcePicture, mapped: Set<String>) -> [SourceFieldChange] {
        let lists = listsSeen.intersection(earlier.listsSeen)
        // Of a list that showed no row, this time or before, nothing can be told; nor of an earlier version's picture, which
        // did not look into lists.
        let names = Set(fields.keys).union(earlier.fields.keys).filter { name in
            Self.list(of: name).map { lists.contains($0) } ?? true
        }
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

    /// What is kept of this picture: a field that is empty this time is still what it was, and so are the fields in the rows
    /// of a list that has none this time.
    public func keepingKinds(of earlier: SourcePicture?) -> SourcePicture {
        guard let earlier else { return self }
        var kept = self
        for (name, kind) in fields where kind == .empty { kept.fields[name] = earlier.fields[name] ?? .empty }
        let lists = listsSeen
        for (name, kind) in earlier.fields {
            guard let list = Self.list(of: name), !lists.contains(list) else { continue }
            // The list itself may be empty too, as nothing at all.
            let now = fields[String(list)]
            if now == .list || now == .empty { kept.fields[name] = kind }
        }
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
    /// Nothing at all comes after everything else.
    fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

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
