/// One value of a scanned item: where it is, and where the next one is.
///
/// Tokens stand in the order of the text. An object's members are a string (the name) followed by the value.
public struct ItemToken {
    public enum Kind: UInt8, Sendable {
        case object, array, string, number, yes, no, null
    }

    public internal(set) var kind: Kind
    /// For strings: whether the text between the quotes has escapes.
    public internal(set) var hasEscapes: Bool
    /// First byte of the value, counted from the item's first; for strings the byte after the quote.
    public internal(set) var start: UInt32
    /// Length in bytes; for strings without the quotes.
    public internal(set) var length: UInt32
    /// Index of the token after this value and all inside it. While a container is open: its parent.
    public internal(set) var next: UInt32
}

/// One element of a page's items, not copied and not built: valid until the scanner is asked for the next.
public struct ScannedItem {
    public let bytes: UnsafeRawBufferPointer
    public let tokens: UnsafeBufferPointer<ItemToken>
    /// First byte, counted from the page's first.
    public let offset: Int
    /// Which item of the page, from 1.
    public let position: Int

    @inline(__always)
    var start: UnsafePointer<UInt8> { bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self) }
}

/// Why a page is not what it should be, and where.
public struct ScanFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        case notJSON = "not JSON"
        case badString = "a control character or an unknown escape in a string"
        case badUTF8 = "not UTF-8"
        case loneSurrogate = "half of a surrogate pair"
        case badNumber = "not a number in JSON's grammar"
        case tooDeep = "nested too deeply"
        case tooLarge = "an item or member is too large"
        case truncated = "the body ends too early"
        case trailingBytes = "bytes after the end of the document"
        case itemsMissing = "the list of items is missing"
        case itemsNotAList = "the items are not a list"
        case memberTwice = "a member occurs twice"
        case rowWithoutKey = "a row without its key"
    }

    public let kind: Kind
    /// Byte of the page at which it was noticed.
    public let offset: Int
    /// Which item of the page, from 1; 0 outside of the items.
    public let item: Int

    public var description: String {
        "\(kind.rawValue), at byte \(offset)" + (item > 0 ? " in item \(item)" : "")
    }
}

/// A fault inside one value; the scanner makes it a ``ScanFailure`` of the page.
struct TokenFault: Error {
    let kind: ScanFailure.Kind
    let at: Int
}
