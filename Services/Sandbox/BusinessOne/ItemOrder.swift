/// An `$orderby` on items. What it leaves open is settled by the code, so that equal catalogues list alike.
struct ItemOrder: Sendable, Hashable {
    struct Key: Sendable, Hashable {
        var field: ItemField
        var descending: Bool
    }

    var keys: [Key]

    static let byCode = ItemOrder(keys: [Key(field: .itemCode, descending: false)])

    /// `UpdateDate,UpdateTime desc,ItemCode`; nil for the order of the primary key.
    init(parsing text: String?, ignoringCase: Bool = false) throws {
        let parts = (text ?? "ItemCode").split(separator: ",", omittingEmptySubsequences: false)
        keys = try parts.map { part in
            let words = part.split(separator: " ")
            let name = words.first.map(String.init) ?? ""
            let field = ItemField.allCases.first {
                ignoringCase ? $0.rawValue.lowercased() == name.lowercased() : $0.rawValue == name
            }
            guard let field else { throw QueryProblem("Property '\(name)' of 'Item' is invalid.") }
            let direction = words.dropFirst().map(String.init)
            guard direction.isEmpty || direction == ["asc"] || direction == ["desc"] else {
                throw QueryProblem("Invalid $orderby: '\(part)'.")
            }
            return Key(field: field, descending: direction == ["desc"])
        }
    }

    private init(keys: [Key]) { self.keys = keys }

    /// Whether rows come in the order of their codes, so that a bound on the code cuts the list in two.
    var isByCode: Bool { keys.first == Self.byCode.keys[0] }
    /// Whether an item that has just been edited comes last.
    var isByUpdate: Bool { keys.first == Key(field: .updateDate, descending: false) }

    func compare(_ left: Item, _ right: Item) -> Int {
        for key in keys {
            let order = key.field.compare(left, right)
            if order != 0 { return key.descending ? -order : order }
        }
        return compareUTF8(left.code, right.code)
    }
}
