/// One mail address that is safe to put into an SMTP command and a header.
///
/// The domain is lower case and an A-label (`anna@xn--mlk-yla.dk`); the local part is kept as written, without quotes
/// and backslashes it does not need.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    public let localPart: String
    public let domain: String

    /// Reads `local@domain`: a dot-atom or a quoted string of printable ASCII, at most 64 bytes, and a domain of two
    /// labels or more (or `localhost`), at most 254 bytes in all. No display name, no comments, no address literals.
    public init(_ text: String) throws(MailAddressError) {
        guard !text.isEmpty else { throw .empty }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { throw .controlCharacter }
        guard let at = text.lastIndex(of: "@") else { throw .noAt }
        let localPart = text[..<at]
        guard localPart.utf8.allSatisfy({ $0 < 0x80 }) else { throw .nonASCIILocalPart }
        guard localPart.utf8.count <= 64 else { throw .tooLong }
        // "=?" begins an encoded-word, which some readers decode even here: then the address is another one to them.
        guard !localPart.contains("=?"), let localPart = canonicalLocalPart(Array(localPart.utf8)) else {
            throw .localPart
        }
        guard let domain = DomainName(String(text[text.index(after: at)...])), !domain.ascii.contains("_"),
            domain.labelCount >= 2 || domain.ascii == "localhost"
        else { throw .domain }
        guard localPart.utf8.count + 1 + domain.ascii.utf8.count <= 254 else { throw .tooLong }
        self.localPart = localPart
        self.domain = domain.ascii
    }

    public var description: String { "\(localPart)@\(domain)" }
}

/// Why a text is not taken as a mail address. The raw value is stable, for the text catalogue.
public enum MailAddressError: String, Error, Sendable, CaseIterable {
    case empty
    /// Over 64 bytes before the @ or 254 in all.
    case tooLong = "too_long"
    case controlCharacter = "control_character"
    case noAt = "no_at"
    /// A character or dot that may not be there, before the @.
    case localPart = "local_part"
    /// Letters outside ASCII before the @: few mail servers take them.
    case nonASCIILocalPart = "non_ascii_local_part"
    /// What follows the @ is not a domain.
    case domain
}

/// An address and the name to show with it.
public struct Mailbox: Sendable, Hashable {
    public var name: String?
    public var address: MailAddress

    public init(name: String? = nil, _ address: MailAddress) {
        self.name = name
        self.address = address
    }
}

/// RFC 5322 `dot-atom-text`: words of letters, digits and some signs, with single dots between.
func isDotAtom(_ text: some Collection<UInt8>) -> Bool {
    text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomByte) }
}

private func isAtomByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
}

/// A dot-atom, or a quoted string with only the quotes and backslashes it needs; nil when the text is neither.
private func canonicalLocalPart(_ text: [UInt8]) -> String? {
    if isDotAtom(text) { return String(decoding: text, as: UTF8.self) }
    guard let content = quotedContent(text) else { return nil }
    if isDotAtom(content) { return String(decoding: content, as: UTF8.self) }
    let escaped = content.flatMap { $0 == quote || $0 == backslash ? [backslash, $0] : [$0] }
    return String(decoding: [quote] + escaped + [quote], as: UTF8.self)
}

/// What stands between quotes: printable ASCII, a backslash before each quote and backslash. nil when empty or not so.
private func quotedContent(_ text: [UInt8]) -> [UInt8]? {
    guard text.count > 2, text.first == quote, text.last == quote else { return nil }
    var content: [UInt8] = []
    var isEscaped = false
    for byte in text.dropFirst().dropLast() {
        if !isEscaped && byte == backslash {
            isEscaped = true
            continue
        }
        guard (0x20...0x7E).contains(byte), isEscaped || byte != quote else { return nil }
        isEscaped = false
        content.append(byte)
    }
    return isEscaped ? nil : content
}

private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")
