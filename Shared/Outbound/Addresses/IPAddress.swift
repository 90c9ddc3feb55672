/// An IPv4 or IPv6 address.
public struct IPAddress: Sendable, Hashable {
    /// In network order; an IPv4 address fills the low 32 bits.
    let bits: UInt128
    let isIPv6: Bool

    /// - Returns: nil unless there are 4 or 16 bytes, in network order.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        bits = bytes.reduce(0) { $0 << 8 | UInt128($1) }
        isIPv6 = bytes.count == 16
    }

    /// Reads `192.0.2.1` (four decimal parts, no leading zeros) or any written form of IPv6 without a zone.
    public init?(_ text: String) {
        if let bits = ipv4Bits(text[...]) {
            self.bits = UInt128(bits)
            isIPv6 = false
        } else if let bits = ipv6Bits(text) {
            self.bits = bits
            isIPv6 = true
        } else {
            return nil
        }
    }

    fileprivate var bitCount: Int { isIPv6 ? 128 : 32 }
}

/// Addresses with the same first bits, written `10.0.0.0/8`; without a slash, one address.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    private let network: IPAddress
    private let hostBits: Int

    /// - Returns: nil when the text is not a range, or has bits beyond its prefix (`10.0.0.1/8`).
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let network = IPAddress(String(parts[0])) else { return nil }
        var prefix = network.bitCount
        if parts.count == 2 {
            guard let given = decimal(parts[1], upTo: UInt32(network.bitCount)) else { return nil }
            prefix = Int(given)
        }
        description = text
        self.network = network
        hostBits = network.bitCount - prefix
        let isAligned = (network.bits >> UInt128(hostBits)) << UInt128(hostBits) == network.bits
        guard hostBits < 128 ? isAligned : network.bits == 0 else { return nil }
    }

    public func contains(_ address: IPAddress) -> Bool {
        address.isIPv6 == network.isIPv6
            && address.bits >> UInt128(hostBits) == network.bits >> UInt128(hostBits)
    }
}

extension IPAddress: CustomStringConvertible {
    /// RFC 5952: lower case, the longest run of two or more zero groups as `::`.
    public var description: String {
        guard isIPv6 else {
            return [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: bits >> UInt128($0))) }
                .joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - $0 * 16)) }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(1, longest.count) { longest = start..<end }
            start = end + 1
        }
        let written = groups.map { String($0, radix: 16) }
        guard !longest.isEmpty else { return written.joined(separator: ":") }
        return written[..<longest.lowerBound].joined(separator: ":") + "::"
            + written[longest.upperBound...].joined(separator: ":")
    }
}

private func ipv4Bits(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
        guard let value = decimal(part, upTo: 255) else { return nil }
        bits = bits << 8 | value
    }
    return bits
}

private func ipv6Bits(_ text: String) -> UInt128? {
    guard let gap = firstDoubleColon(text) else {
        guard let groups = ipv6Groups(text[...]), groups.count == 8 else { return nil }
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
    let tail = text[gap.upperBound...]
    guard !tail.hasPrefix(":"),
        let front = ipv6Groups(text[..<gap.lowerBound], mayEndInIPv4: false),
        let back = ipv6Groups(tail), front.count + back.count < 8
    else { return nil }
    let groups = front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    return groups.reduce(0) { $0 << 16 | UInt128($1) }
}

/// Groups of 16 bits between colons; the last two may be written as an IPv4 address.
private func ipv6Groups(_ text: Substring, mayEndInIPv4: Bool = true) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
        if part.contains(".") {
            guard mayEndInIPv4, index == parts.count - 1, let bits = ipv4Bits(part) else { return nil }
            groups += [UInt16(bits >> 16), UInt16(bits & 0xffff)]
        } else {
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                let value = UInt16(part, radix: 16)
            else { return nil }
            groups.append(value)
        }
    }
    return groups
}

private func isHexDigit(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }

private func decimal(_ text: Substring, upTo largest: UInt32) -> UInt32? {
    guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
        text == "0" || text.utf8.first != 48, let value = UInt32(text), value <= largest
    else { return nil }
    return value
}

private func firstDoubleColon(_ text: String) -> Range<String.Index>? {
    var index = text.startIndex
    while index < text.endIndex {
        let next = text.index(after: index)
        if text[index] == ":", next < text.endIndex, text[next] == ":" { return index..<text.index(after: next) }
        index = next
    }
    return nil
}
