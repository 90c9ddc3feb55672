public import CoreTypes

/// A W3C trace context header: `00-<32 hex>-<16 hex>-<2 hex>`.
public struct Traceparent: Sendable, Hashable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2], parts.joined().allSatisfy(isLowerHex), !text.hasPrefix("ff"),
            !parts[1].allSatisfy({ $0 == UInt8(ascii: "0") }), !parts[2].allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return nil }
        rawValue = text
    }

    /// A new trace, not sampled away.
    public init(_ randomness: Randomness) {
        rawValue = "00-\(hex(randomness.next() | 1))\(hex(randomness.next()))-\(hex(randomness.next() | 1))-01"
    }

    /// The 32 hex digits that one trace id has in log, mail and command line.
    public var traceID: String { String(rawValue.dropFirst(3).prefix(32)) }
    public var description: String { rawValue }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Traceparent(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a W3C traceparent")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

private func isLowerHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}

private func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
