/// One item of a simulated company, with what can differ between items.
struct Item: Codable, Sendable, Equatable {
    struct Price: Codable, Sendable, Equatable {
        /// As JSON writes numbers (`1e-7` too); nil for no price.
        var amount: String?
        /// nil and "" both mean the company's own currency.
        var currency: String?
    }

    /// In thousandths of a unit.
    struct Stock: Codable, Sendable, Equatable {
        var inStock: Int64
        var committed: Int64
        var ordered: Int64
    }

    var code: String
    var name: String
    var foreignName: String?
    var barcode: String?
    var group: Int
    var unit: String?
    var taxCode: String
    var isForSale: Bool
    var isValid: Bool
    var isFrozen: Bool
    /// One for each price list, in their order.
    var prices: [Price]
    /// One for each warehouse, in their order.
    var stock: [Stock]
    /// Seconds since 1970, UTC.
    var createdAt: Int64
    /// nil for an item nobody has touched since it was made.
    var updatedAt: Int64?
    /// Counts the changes of this item.
    var version: Int

    var isSellable: Bool { isForSale && isValid && !isFrozen }
    var quantityOnStock: Int64 { stock.reduce(0) { $0 + $1.inStock } }
    var quantityCommitted: Int64 { stock.reduce(0) { $0 + $1.committed } }
    var quantityOrdered: Int64 { stock.reduce(0) { $0 + $1.ordered } }
}

/// `12500` → `12.5`, `-3000` → `-3.0`: Service Layer writes quantities with a point.
func quantityText(_ thousandths: Int64) -> String {
    let magnitude = thousandths.magnitude
    var decimals = String(magnitude % 1000 + 1000).dropFirst()
    while decimals.count > 1, decimals.last == "0" { decimals.removeLast() }
    return (thousandths < 0 ? "-" : "") + "\(magnitude / 1000).\(decimals)"
}

/// `12.5` → `12500`.
///
/// - Returns: nil for anything but a plain decimal number with at most three decimals.
func thousandths(_ text: String) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let parts = (isNegative ? text.dropFirst() : Substring(text)).split(
        separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = UInt32(parts[0]) else { return nil }
    var value = Int64(whole) * 1000
    if parts.count == 2 {
        guard (1...3).contains(parts[1].count), let decimals = UInt32(parts[1]) else { return nil }
        value += Int64(decimals) * [100, 10, 1][parts[1].count - 1]
    }
    return isNegative ? -value : value
}
