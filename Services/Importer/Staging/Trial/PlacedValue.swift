import SchedulerAPI

/// A value of an item with the place of its bytes. For looking at a few items: the item path builds nothing of the kind.
struct PlacedValue {
    enum Content {
        case object([(name: String, value: PlacedValue)])
        case list([PlacedValue])
        case text(String)
        /// As it was written.
        case number(String)
        case boolean, null
    }

    var content: Content
    /// In the item's bytes, the quotes of a text included.
    var range: Range<Int>

    init(_ item: ScannedItem, _ index: Int = 0) {
        let token = item.tokens[index]
        let start = Int(token.start)
        range = start..<start + Int(token.length)
        switch token.kind {
        case .object:
            var members: [(name: String, value: PlacedValue)] = []
            var at = index + 1
            while at < Int(token.next) {
                members.append((Self.text(item, at), PlacedValue(item, at + 1)))
                at = Int(item.tokens[at + 1].next)
            }
            content = .object(members)
        case .array:
            var elements: [PlacedValue] = []
            var at = index + 1
            while at < Int(token.next) {
                elements.append(PlacedValue(item, at))
                at = Int(item.tokens[at].next)
            }
            content = .list(elements)
        case .string:
            content = .text(Self.text(item, index))
            range = start - 1..<range.upperBound + 1
        case .number: content = .number(Self.text(item, index))
        case .yes, .no: content = .boolean
        case .null: content = .null
        }
    }

    private static func text(_ item: ScannedItem, _ index: Int) -> String {
        let token = item.tokens[index]
        var decoded = GrowingBytes(capacity: max(Int(token.length), 16))
        StringScanning.unescape(item.start + Int(token.start), Int(token.length), into: &decoded)
        return String(decoding: decoded.bytes, as: UTF8.self)
    }

    subscript(_ name: String) -> PlacedValue? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    var members: [(name: String, value: PlacedValue)] {
        if case .object(let members) = content { members } else { [] }
    }

    var elements: [PlacedValue] {
        if case .list(let elements) = content { elements } else { [] }
    }

    var kind: FieldKind {
        switch content {
        case .object: .object
        case .list: .list
        case .text: .text
        case .number: .number
        case .boolean: .boolean
        case .null: .empty
        }
    }
}
