public import RPC

/// An amount in whole minor units of a currency: 12.50 kr. is 1250 DKK.
public struct Money: Codable, Sendable, Hashable {
    public var minorUnits: Int64
    /// ISO 4217, three capital letters.
    public var currency: String

    public init(minorUnits: Int64, currency: String) {
        self.minorUnits = minorUnits
        self.currency = currency
    }
}

/// A calendar month, written `2026-03`.
public struct BillingMonth: Sendable, Hashable, Comparable, CustomStringConvertible, Codable {
    public let year: Int
    /// 1 to 12.
    public let month: Int

    /// - Returns: nil unless the month exists.
    public init?(year: Int, month: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        self.year = year
        self.month = month
    }

    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2, let year = Int(parts[0]),
            let month = Int(parts[1])
        else { return nil }
        self.init(year: year, month: month)
    }

    public var description: String {
        let digits = String(year)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits + (month < 10 ? "-0" : "-") + String(month)
    }

    public static func < (left: BillingMonth, right: BillingMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let month = BillingMonth(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a month, as 2026-03")
        }
        self = month
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension BillingMonth: SchemaDescribed {
    public static var schema: Schema { .string(pattern: "^[0-9]{4}-(0[1-9]|1[0-2])$") }
    public static var placeholder: BillingMonth { BillingMonth(year: 2026, month: 3)! }
}
