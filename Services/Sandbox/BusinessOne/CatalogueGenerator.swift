/// Makes a realistic catalogue, the same for the same seed. Each item depends on the seed and its own number only.
///
/// What real data does to importers is in every catalogue of a few hundred items: æøå, emoji, quotes, trailing spaces,
/// very long names, prices with six decimals, 0.005, 1e-7, 0 and none, currencies empty or missing, negative stock,
/// more reserved than there is, items never updated, and codes with characters that bite in addresses.
struct CatalogueGenerator: Sendable {
    let seed: UInt64
    let priceLists: Int
    let warehouses: Int

    /// Nothing generated is newer: 2025-12-01T00:00:00Z.
    static let newest: Int64 = 1_764_547_200
    private static let oldest: Int64 = 1_420_070_400

    func makeItems(sellable: Int) -> [Item] {
        (0..<(sellable + sellable / 50)).map { makeItem($0, isSellable: $0 < sellable) }
    }

    func makeItem(_ number: Int, isSellable: Bool) -> Item {
        var chance = ItemChance(seed: seed, number: number)
        let group = chance.below(CatalogueWords.groups.count)
        let createdAt = Self.oldest + Int64(chance.below(Int(Self.newest - Self.oldest) - 86_400))
        let updatedAt = createdAt + Int64(chance.below(Int(Self.newest - createdAt)))
        var item = Item(
            code: code(number, group: group), name: CatalogueWords.name(number, &chance),
            foreignName: number % 3 == 0 ? CatalogueWords.foreignName(&chance) : nil,
            barcode: number % 7 == 3 ? nil : barcode(number), group: 100 + group,
            unit: CatalogueWords.units[chance.below(CatalogueWords.units.count)],
            taxCode: number % 29 == 5 ? "S0" : "S1",
            isForSale: true, isValid: true, isFrozen: false, prices: makePrices(number, &chance),
            stock: (0..<warehouses).map { makeStock(number, warehouse: $0, &chance) }, createdAt: createdAt,
            updatedAt: number % 251 == 9 ? nil : updatedAt, version: 1 + chance.below(40))
        if !isSellable {
            switch number % 3 {
            case 0: item.isFrozen = true
            case 1: item.isValid = false
            default: item.isForSale = false
            }
        }
        return item
    }

    private func code(_ number: Int, group: Int) -> String {
        let digits = String(100_000 + number)
        let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(group)))
        return switch number {
        case let n where n % 307 == 11: "\(letter) \(digits)"
        case let n where n % 401 == 13: "\(letter)/\(digits)"
        case let n where n % 503 == 17: "Ø\(digits)"
        case let n where n % 601 == 19: "\(letter)#\(digits)"
        case let n where n % 701 == 23: "\(letter)'\(digits)"
        case let n where n % 809 == 29: "\(letter)%\(digits)"
        case let n where n % 907 == 31: "\(letter)+\(digits)&x"
        default: letter + digits
        }
    }

    /// EAN-13 with its check digit.
    private func barcode(_ number: Int) -> String {
        let digits = String(570_000_000_000 + number)
        let sum = digits.utf8.enumerated().reduce(0) { sum, digit in
            sum + Int(digit.element - UInt8(ascii: "0")) * (digit.offset % 2 == 0 ? 1 : 3)
        }
        return digits + String((10 - sum % 10) % 10)
    }

    private func makePrices(_ number: Int, _ chance: inout ItemChance) -> [Item.Price] {
        let cents = 100 + chance.below(900) * (1 + chance.below(1000))
        return (0..<priceLists).map { list in
            let amount = cents * (100 - list * 7) / 100
            let text =
                switch number + list * 37 {
                case let n where n % 89 == 7: "\(amount / 100).\(100_001 + chance.below(899_998))"
                case let n where n % 211 == 8: "0.005"
                case let n where n % 499 == 10: "1e-7"
                case let n where n % 73 == 12: "0"
                case let n where n % 83 == 14: nil as String?
                case let n where n % 5 == 0: "\(amount / 100).0"
                default: "\(amount / 100).\(amount % 100 < 10 ? "0" : "")\(amount % 100)"
                }
            let currency =
                switch number + list * 11 {
                case let n where n % 31 == 3: ""
                case let n where n % 37 == 4: nil as String?
                default: list % 3 == 2 ? "EUR" : "DKK"
                }
            return Item.Price(amount: text, currency: currency)
        }
    }

    private func makeStock(_ number: Int, warehouse: Int, _ chance: inout ItemChance) -> Item.Stock {
        var inStock = chance.below(10) < 3 ? 0 : Int64(chance.below(500)) * 1000
        if (number + warehouse) % 41 == 6 { inStock += 500 }
        if (number + warehouse * 5) % 67 == 8 { inStock = -Int64(1 + chance.below(20)) * 1000 }
        var committed = inStock > 0 ? Int64(chance.below(Int(inStock / 2000) + 1)) * 1000 : 0
        if (number + warehouse * 3) % 101 == 10 { committed = max(0, inStock) + 5000 }
        let ordered = chance.below(4) == 0 ? Int64(chance.below(200)) * 1000 : 0
        return Item.Stock(inStock: inStock, committed: committed, ordered: ordered)
    }
}

/// Chance for one item: SplitMix64 over the seed and the item's number.
struct ItemChance {
    private var state: UInt64

    init(seed: UInt64, number: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number) &* 0xD1B5_4A32_D192_ED03
        _ = next()
    }

    mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() % UInt64(limit)) }
}
