/// What an identifier names; its prefix keeps ids of different things apart in logs and command lines.
public protocol IdentifierKind: SendableMetatype {
    /// Three lower-case letters, as in `run_01j…`.
    static var prefix: String { get }
}

/// An id of one kind of thing: prefix, underscore, 26 characters of Crockford's base 32 in lower case.
public struct Identifier<Kind: IdentifierKind>: Sendable, Hashable, CustomStringConvertible {
    public let rawValue: String

    /// - Returns: nil when the text is not an id of this kind.
    public init?(_ text: String) {
        let digits = text.utf8.dropFirst(Kind.prefix.utf8.count + 1)
        guard text.hasPrefix(Kind.prefix + "_"), digits.count == 26, digits.allSatisfy(base32Digits.contains) else {
            return nil
        }
        rawValue = text
    }

    /// The id made of these 16 bytes, of which the caller has chosen each.
    public init(bytes: (UInt64, UInt64)) {
        var value = UInt128(bytes.0) << 64 | UInt128(bytes.1)
        var digits: [UInt8] = []
        for _ in 0..<26 {
            digits.append(base32Digits[Int(truncatingIfNeeded: value & 31)])
            value >>= 5
        }
        rawValue = Kind.prefix + "_" + String(decoding: digits.reversed(), as: UTF8.self)
    }

    public var description: String { rawValue }
}

private let base32Digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let identifier = Identifier(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected an id that starts with \(Kind.prefix)_")
        }
        self = identifier
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

public enum MerchantKind: IdentifierKind { public static let prefix = "mer" }
public enum SystemKindTag: IdentifierKind { public static let prefix = "sys" }
public enum ConnectionKind: IdentifierKind { public static let prefix = "con" }
public enum RunKind: IdentifierKind { public static let prefix = "run" }
public enum IncidentKind: IdentifierKind { public static let prefix = "inc" }
public enum MessageKind: IdentifierKind { public static let prefix = "msg" }
public enum RequestKind: IdentifierKind { public static let prefix = "req" }

/// One merchant's integration: everything a merchant owns hangs on it.
public typealias MerchantID = Identifier<MerchantKind>
/// One outside system of a merchant: an ERP, accounts or a webshop.
public typealias SystemID = Identifier<SystemKindTag>
/// One way data goes between two systems of a merchant.
public typealias ConnectionID = Identifier<ConnectionKind>
/// One run of a connection.
public typealias RunID = Identifier<RunKind>
public typealias IncidentID = Identifier<IncidentKind>
/// One mail to one recipient.
public typealias MessageID = Identifier<MessageKind>
/// One call, as its caller and the logs name it.
public typealias RequestID = Identifier<RequestKind>
