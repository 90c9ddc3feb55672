/// Writes items as Service Layer does: everything that is the same for all items is prepared once as bytes.
struct ItemRenderer: Sendable {
    private enum Piece: Sendable {
        case literal([UInt8])
        case field(ItemField)
        case etag
        case committed
        case ordered
        case prices
        case stock
    }

    private enum StockPiece: Sendable {
        case literal([UInt8])
        case itemCode
        case inStock
        case committed
        case ordered
    }

    private let pieces: [Piece]
    private let stockRows: [[StockPiece]]
    private let allFields: Bool

    /// - Parameters:
    ///   - selected: Property names; nil for all. Unknown ones are refused.
    ///   - without: Left out where all are wanted.
    ///   - allFields: Whether the many fields that no connector reads are written too.
    init(selected: [String]?, without: String? = nil, warehouses: [String], allFields: Bool) throws {
        self.allFields = allFields
        stockRows = warehouses.map { Self.stockRow($0, allFields: allFields) }
        var list = PieceList(literalCase: Piece.literal)
        list.literal("{\"@odata.etag\":\"W/\\\"")
        list.add(.etag)
        list.literal("\\\"\"")
        if let selected {
            for name in selected { try Self.add(name, to: &list) }
        } else {
            for field in ItemField.allCases { try Self.add(field.rawValue, to: &list) }
            for name in ["QuantityOrderedByCustomers", "QuantityOrderedFromVendors"] { try Self.add(name, to: &list) }
            for (name, value) in ItemConstants.brief + (allFields ? ItemConstants.full : []) {
                list.literal(",\"\(name)\":\(value)")
            }
            for name in ["ItemPrices", "ItemWarehouseInfoCollection"] where name != without {
                try Self.add(name, to: &list)
            }
            if allFields { list.literal(ItemConstants.emptyCollections) }
        }
        list.literal("}")
        pieces = list.finished
    }

    private static func add(_ name: String, to list: inout PieceList<Piece>) throws {
        let piece: Piece
        switch name {
        case "ItemPrices": piece = .prices
        case "ItemWarehouseInfoCollection": piece = .stock
        case "QuantityOrderedByCustomers": piece = .committed
        case "QuantityOrderedFromVendors": piece = .ordered
        default:
            if let field = ItemField(rawValue: name) {
                piece = .field(field)
            } else if let constant = (ItemConstants.brief + ItemConstants.full).first(where: { $0.0 == name }) {
                list.literal(",\"\(name)\":\(constant.1)")
                return
            } else {
                throw QueryProblem("Property '\(name)' of 'Item' is invalid.")
            }
        }
        list.literal(",\"\(name)\":")
        list.add(piece)
    }

    private static func stockRow(_ warehouse: String, allFields: Bool) -> [StockPiece] {
        var list = PieceList(literalCase: StockPiece.literal)
        list.literal("{\"MinimalStock\":0.0,\"MaximalStock\":0.0,\"StandardAveragePrice\":0.0,\"Locked\":\"tNO\",")
        if allFields { list.literal(ItemConstants.warehouseAccounts) }
        list.literal("\"WarehouseCode\":\"\(warehouse)\",\"InStock\":")
        list.add(.inStock)
        list.literal(",\"Committed\":")
        list.add(.committed)
        list.literal(",\"Ordered\":")
        list.add(.ordered)
        list.literal(",\"ItemCode\":")
        list.add(.itemCode)
        list.literal("}")
        return list.finished
    }

    // MARK: Writing

    /// - Parameter unreadable: Writes the first price as a text with a comma, as a broken add-on does.
    func write(_ item: Item, unreadable: Bool, to out: inout [UInt8]) {
        for piece in pieces {
            switch piece {
            case .literal(let bytes): out.append(contentsOf: bytes)
            case .field(let field): write(field, of: item, to: &out)
            case .etag: out.append(contentsOf: etag(item).utf8)
            case .committed: out.append(contentsOf: quantityText(item.quantityCommitted).utf8)
            case .ordered: out.append(contentsOf: quantityText(item.quantityOrdered).utf8)
            case .prices: writePrices(item, unreadable: unreadable, to: &out)
            case .stock: writeStock(item, to: &out)
            }
        }
    }

    private func write(_ field: ItemField, of item: Item, to out: inout [UInt8]) {
        switch field {
        case .itemsGroupCode: out.append(contentsOf: String(item.group).utf8)
        case .dataVersion: out.append(contentsOf: String(item.version).utf8)
        case .quantityOnStock: out.append(contentsOf: quantityText(item.quantityOnStock).utf8)
        case .salesItem, .valid, .frozen:
            out.append(contentsOf: field.number(of: item) == 1 ? "\"tYES\"".utf8 : "\"tNO\"".utf8)
        case .createDate: appendJSONString(dateText(item.createdAt), to: &out)
        case .createTime: appendJSONString(timeText(item.createdAt), to: &out)
        case .updateDate: appendNullable(item.updatedAt.map(dateText), to: &out)
        case .updateTime: appendNullable(item.updatedAt.map(timeText), to: &out)
        default: appendNullable(field.text(of: item), to: &out)
        }
    }

    private func writePrices(_ item: Item, unreadable: Bool, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        for (index, price) in item.prices.enumerated() {
            out.append(contentsOf: index > 0 ? ",{\"PriceList\":".utf8 : "{\"PriceList\":".utf8)
            out.append(contentsOf: String(index + 1).utf8)
            out.append(contentsOf: ",\"Price\":".utf8)
            if unreadable, index == 0 {
                out.append(contentsOf: "\"12,50\"".utf8)
            } else {
                out.append(contentsOf: (price.amount ?? "null").utf8)
            }
            out.append(contentsOf: ",\"Currency\":".utf8)
            appendNullable(price.currency, to: &out)
            out.append(contentsOf: (allFields ? ItemConstants.priceTail : "}").utf8)
        }
        out.append(UInt8(ascii: "]"))
    }

    private func writeStock(_ item: Item, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        for (index, row) in stockRows.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            let stock =
                item.stock.indices.contains(index)
                ? item.stock[index] : Item.Stock(inStock: 0, committed: 0, ordered: 0)
            for piece in row {
                switch piece {
                case .literal(let bytes): out.append(contentsOf: bytes)
                case .itemCode: appendJSONString(item.code, to: &out)
                case .inStock: out.append(contentsOf: quantityText(stock.inStock).utf8)
                case .committed: out.append(contentsOf: quantityText(stock.committed).utf8)
                case .ordered: out.append(contentsOf: quantityText(stock.ordered).utf8)
                }
            }
        }
        out.append(UInt8(ascii: "]"))
    }

    private func appendNullable(_ text: String?, to out: inout [UInt8]) {
        if let text { appendJSONString(text, to: &out) } else { out.append(contentsOf: "null".utf8) }
    }

    /// Changes with each change of the item.
    private func etag(_ item: Item) -> String {
        "\(String(item.updatedAt ?? item.createdAt, radix: 16))-\(item.version)"
    }
}

/// Joins what is literal until something that differs comes.
private struct PieceList<Piece> {
    private let literalCase: ([UInt8]) -> Piece
    private var pieces: [Piece] = []
    private var pending: [UInt8] = []

    init(literalCase: @escaping ([UInt8]) -> Piece) { self.literalCase = literalCase }

    mutating func literal(_ text: String) { pending.append(contentsOf: text.utf8) }

    mutating func add(_ piece: Piece) {
        flush()
        pieces.append(piece)
    }

    private mutating func flush() {
        if !pending.isEmpty { pieces.append(literalCase(pending)) }
        pending = []
    }

    var finished: [Piece] {
        var copy = self
        copy.flush()
        return copy.pieces
    }
}
