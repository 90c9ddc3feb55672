import CoreTypes
import Crypto

/// The data sets of a webshop and what their rows must have.
enum ShopSchema: String, CaseIterable, Sendable {
    case products
    case priceLists = "price_lists"
    case prices
    case customerPrices = "customer_prices"
    case warehouses
    case stock
    case customers

    /// The members that together name a row.
    var keyMembers: [String] {
        switch self {
        case .products, .priceLists, .warehouses, .customers: ["code"]
        case .prices: ["product_code", "price_list_code", "min_quantity"]
        case .customerPrices: ["customer_code", "product_code", "min_quantity"]
        case .stock: ["product_code", "warehouse_code"]
        }
    }

    private var requiredTexts: [String] {
        switch self {
        case .products, .priceLists, .warehouses, .customers: ["name"]
        default: []
        }
    }

    private var decimals: [String] {
        switch self {
        case .stock: ["on_hand", "committed", "ordered", "available"]
        case .customerPrices: ["discount_percent"]
        case .customers: ["credit_limit", "balance"]
        default: []
        }
    }

    private var needsPrice: Bool { self == .prices }

    /// A row as it is staged, or why it is not.
    enum ReadRow {
        case accepted(key: String, isDeletion: Bool, hash: [UInt8], body: [UInt8])
        case rejected(code: String, message: String)
    }

    func read(_ row: SimJSON) -> ReadRow {
        do {
            guard case .object(let members) = row else { throw Rejection("not_an_object", "a row is an object") }
            let isDeletion = row["deleted"]?.bool ?? false
            let key = try joinedKey(of: row)
            if !isDeletion { try check(row) }
            // What the shop adds itself, and what is no content of the row, is not taken from the sender.
            let kept = members.filter { !["id", "updated_at", "deleted"].contains($0.name) }
            let body = SimJSON.object(kept).canonical.bytes
            return .accepted(key: key, isDeletion: isDeletion, hash: Array(SHA256.hash(data: body)), body: body)
        } catch {
            let rejection = error as? Rejection ?? Rejection("invalid", "\(error)")
            return .rejected(code: rejection.code, message: rejection.message)
        }
    }

    /// The name of a row, or of one that is asked for; nil when it lacks a part.
    func key(of row: SimJSON) -> String? { try? joinedKey(of: row) }

    private struct Rejection: Error {
        var code: String
        var message: String

        init(_ code: String, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The parts joined by a character that no part may have.
    private func joinedKey(of row: SimJSON) throws -> String {
        try keyMembers.map { name in
            if name == "min_quantity" { return try minimumQuantity(row[name]) }
            guard let text = row[name]?.text, !text.isEmpty else {
                throw Rejection("missing_field", "\(name) is missing")
            }
            guard text.count <= 100 else { throw Rejection("too_long", "\(name) has more than 100 characters") }
            guard text.utf8.allSatisfy({ $0 >= 0x20 }) else {
                throw Rejection("invalid_key", "\(name) has a control character")
            }
            return text
        }.joined(separator: String(shopKeySeparator))
    }

    /// 1.0 and 1 name the same row.
    private func minimumQuantity(_ value: SimJSON?) throws -> String {
        guard let value, !value.isNull else { return "1" }
        guard let text = value.text, let decimal = ExactDecimal(text) else {
            throw Rejection("invalid_decimal", "min_quantity is no decimal string")
        }
        return decimal.description
    }

    private func check(_ row: SimJSON) throws {
        for name in requiredTexts where row[name]?.text?.isEmpty ?? true {
            throw Rejection("missing_field", "\(name) is missing")
        }
        for name in decimals {
            guard let value = row[name], !value.isNull else { continue }
            guard let text = value.text, ExactDecimal(text) != nil else {
                throw Rejection("invalid_decimal", "\(name) is no decimal string")
            }
        }
        guard needsPrice || row["price"] != nil else { return }
        guard let amount = row["price"]?["amount"]?.text, ExactDecimal(amount) != nil else {
            throw Rejection("invalid_decimal", "price.amount is no decimal string")
        }
        guard let currency = row["price"]?["currency"]?.text, currency.utf8.count == 3,
            currency.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { throw Rejection("invalid_currency", "price.currency is no ISO 4217 code") }
    }
}

let shopKeySeparator: Character = "\u{1F}"
