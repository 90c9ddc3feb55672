/// Finds the items of a page while its bytes arrive, whatever the size of the page and of the pieces.
///
/// Complete and strict: the whole document is checked (grammar, UTF-8, escapes, numbers, depth), and a body that ends
/// too early is a failure. Only an item cut by the end of a piece is copied; memory does not follow the page.
///
/// Hand each piece to ``next(in:)`` again and again until it returns nil, then the next piece; at the end
/// ``finish()``.
public struct ItemScanner: ~Copyable {
    private enum State {
        case document, firstMember, member, colon, value, afterMember, firstItem, item, afterItem, end
    }

    private enum Member { case other, wanted(String), items }

    private let layout: PageLayout
    private let limits: ScanLimits
    private var tokenizer: Tokenizer
    private var carry: GrowingBytes
    private var boundary = ValueBoundary()

    private var state = State.document
    private var member = Member.other
    private var hasItems = false
    /// Bytes of the page before the piece in hand; position in that piece.
    private var before = 0
    private var at = 0
    private var carryOffset = 0
    private var carryIsDone = false

    /// Items found so far, on this page.
    public private(set) var itemCount = 0
    /// The wanted members that were found, by name.
    public private(set) var members: [String: PageMember] = [:]

    public init(_ layout: PageLayout, limits: ScanLimits = ScanLimits()) {
        self.layout = layout
        self.limits = limits
        tokenizer = Tokenizer(depthMax: limits.depthMax, tokensMax: limits.tokensMax)
        carry = GrowingBytes()
    }

    /// Starts on a new page; memory is kept.
    public mutating func reset() {
        (state, member, hasItems) = (.document, .other, false)
        (before, at, carryOffset, carryIsDone) = (0, 0, 0, false)
        itemCount = 0
        members = [:]
        carry.clear(keepingAtMost: 1 << 16)
    }

    /// The next item that is complete, or nil when the piece is used up.
    ///
    /// - Parameter piece: the same bytes until nil is returned, then those that follow.
    public mutating func next(in piece: UnsafeRawBufferPointer) throws(ScanFailure) -> ScannedItem? {
        guard let base = piece.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        if carryIsDone {
            carry.clear()
            carryIsDone = false
        }
        while at < piece.count {
            if carry.count > 0 {
                guard try completeCarry(base, piece.count) else { break }
                if let item = try take(carry.base, carry.count, from: carryOffset) { return item }
                carry.clear()
                carryIsDone = false
                continue
            }
            if Tokenizer.isSpace(base[at]) {
                at &+= 1
                continue
            }
            guard try isAtValue(base[at]) else { continue }
            let length = try tokenize(base + at, piece.count &- at, from: before &+ at, isWhole: false)
            guard length != Tokenizer.needsMore else {
                try beginCarry(base + at, piece.count &- at)
                break
            }
            let start = at
            at &+= length
            if let item = try take(base + start, length, from: before &+ start, isTokenized: true) { return item }
        }
        before &+= piece.count
        at = 0
        return nil
    }

    /// Checks that the document is complete.
    public mutating func finish() throws(ScanFailure) {
        guard state == .end else { throw failure(.truncated, before) }
        guard hasItems else { throw failure(.itemsMissing, before) }
    }

    // MARK: Values cut by the end of a piece

    private mutating func beginCarry(_ rest: UnsafePointer<UInt8>, _ length: Int) throws(ScanFailure) {
        boundary = ValueBoundary()
        carryOffset = before &+ at
        guard length <= limits.valueBytesMax else { throw failure(.tooLarge, carryOffset) }
        guard boundary.advance(rest, length) == nil else { throw failure(.notJSON, carryOffset) }
        carry.append(rest, length)
        at &+= length
    }

    /// Collects what belongs to the value that was cut; returns whether it is complete now.
    private mutating func completeCarry(_ base: UnsafePointer<UInt8>, _ end: Int) throws(ScanFailure) -> Bool {
        let stop = boundary.advance(base + at, end &- at)
        let length = stop ?? (end &- at)
        guard carry.count &+ length <= limits.valueBytesMax else { throw failure(.tooLarge, carryOffset) }
        carry.append(base + at, length)
        at &+= length
        carryIsDone = stop != nil
        return carryIsDone
    }

    private mutating func tokenize(
        _ start: UnsafePointer<UInt8>, _ length: Int, from offset: Int, isWhole: Bool
    ) throws(ScanFailure) -> Int {
        do throws(TokenFault) {
            return try tokenizer.read(start, length, isWhole: isWhole)
        } catch {
            throw failure(error.kind, offset + error.at)
        }
    }

    // MARK: The document around the items

    /// Moves over punctuation; returns whether a value begins here.
    @inline(__always)
    private mutating func isAtValue(_ byte: UInt8) throws(ScanFailure) -> Bool {
        switch state {
        case .item, .value, .member:
            if state == .value, case .items = member { return try beginItems(byte) }
            return true
        case .firstItem:
            if byte != UInt8(ascii: "]") { return true }
            state = .afterMember
        case .afterItem:
            if byte == UInt8(ascii: ",") { state = .item } else { try step(byte, [(UInt8(ascii: "]"), .afterMember)]) }
        case .firstMember:
            if byte != UInt8(ascii: "}") { return true }
            state = .end
        case .document: try step(byte, [(UInt8(ascii: "{"), .firstMember)])
        case .colon: try step(byte, [(UInt8(ascii: ":"), .value)])
        case .afterMember: try step(byte, [(UInt8(ascii: ","), .member), (UInt8(ascii: "}"), .end)])
        case .end: throw failure(.trailingBytes, before &+ at)
        }
        at &+= 1
        return false
    }

    private mutating func step(_ byte: UInt8, _ choices: [(UInt8, State)]) throws(ScanFailure) {
        guard let choice = choices.first(where: { $0.0 == byte }) else { throw failure(.notJSON, before + at) }
        state = choice.1
    }

    private mutating func beginItems(_ byte: UInt8) throws(ScanFailure) -> Bool {
        guard byte == UInt8(ascii: "[") else { throw failure(.itemsNotAList, before + at) }
        guard !hasItems else { throw failure(.memberTwice, before + at) }
        hasItems = true
        state = .firstItem
        at &+= 1
        return false
    }

    /// Uses a complete value: an item is handed out, a name or member is kept.
    private mutating func take(
        _ start: UnsafePointer<UInt8>, _ length: Int, from offset: Int, isTokenized: Bool = false
    ) throws(ScanFailure) -> ScannedItem? {
        guard length <= limits.valueBytesMax else { throw failure(.tooLarge, offset) }
        if !isTokenized {
            let read = try tokenize(start, length, from: offset, isWhole: true)
            guard read == length else { throw failure(.notJSON, offset + max(read, 0)) }
        }
        switch state {
        case .item, .firstItem:
            state = .afterItem
            itemCount &+= 1
            return ScannedItem(
                bytes: UnsafeRawBufferPointer(start: start, count: length),
                tokens: UnsafeBufferPointer(start: tokenizer.tokens, count: tokenizer.count), offset: offset,
                position: itemCount)
        case .member, .firstMember:
            try takeName(start, offset)
            state = .colon
        default:
            try takeMember(start, offset)
            state = .afterMember
        }
        return nil
    }

    private mutating func takeName(_ start: UnsafePointer<UInt8>, _ offset: Int) throws(ScanFailure) {
        guard tokenizer.tokens[0].kind == .string else { throw failure(.notJSON, offset) }
        let name = text(start)
        if name == layout.items {
            member = .items
        } else {
            member = layout.members.contains(name) ? .wanted(name) : .other
        }
    }

    private mutating func takeMember(_ start: UnsafePointer<UInt8>, _ offset: Int) throws(ScanFailure) {
        guard case .wanted(let name) = member else { return }
        let value: PageMember =
            switch tokenizer.tokens[0].kind {
            case .string: .string(text(start))
            case .number: .number(text(start))
            case .yes: .bool(true)
            case .no: .bool(false)
            case .null: .null
            case .object, .array: .structure
            }
        guard members.updateValue(value, forKey: name) == nil else { throw failure(.memberTwice, offset) }
    }

    /// The text of the string, or the digits of the number, that was tokenized last.
    private func text(_ start: UnsafePointer<UInt8>) -> String {
        let token = tokenizer.tokens[0]
        var decoded = GrowingBytes(capacity: 64)
        StringScanning.unescape(start + Int(token.start), Int(token.length), into: &decoded)
        return String(decoding: decoded.bytes, as: UTF8.self)
    }

    private func failure(_ kind: ScanFailure.Kind, _ offset: Int) -> ScanFailure {
        let isInItems = state == .item || state == .firstItem || state == .afterItem
        return ScanFailure(kind: kind, offset: offset, item: isInItems ? itemCount + 1 : 0)
    }
}
