import CoreTypes

/// The shop rows of one item for one dataset, as bytes, with what is kept of each row to find differences later.
struct RowSet: ~Copyable {
    /// The rows, with commas between them.
    var bytes = GrowingBytes()
    /// For each row its shop code (price list, warehouse) and all else that makes it; see ``RowList``.
    var list = GrowingBytes(capacity: 256)
    /// Where each row ends in ``bytes``.
    private(set) var ends: [Int] = []
    /// Prices that are 0.
    private(set) var zeroPrices = 0
    /// Of what is available.
    private(set) var stock = ExactSum()

    var count: Int { ends.count }

    mutating func clear() {
        bytes.clear()
        list.clear()
        ends.removeAll(keepingCapacity: true)
        zeroPrices = 0
        stock = ExactSum()
    }

    @inline(__always)
    mutating func beginRow() {
        if bytes.count > 0 { bytes.append(UInt8(ascii: ",")) }
    }

    /// Ends a row in the dataset that has one row an item.
    @inline(__always)
    mutating func endRow() { ends.append(bytes.count) }

    /// - Parameters:
    ///   - code: tells the item's rows apart.
    ///   - currency: where it stands in ``bytes``.
    @inline(__always)
    mutating func endRow(_ codes: borrowing Fragments, _ code: Int, price: Amount, currency: Range<Int>) {
        endRow()
        if price.isZero { zeroPrices &+= 1 }
        let entry = RowList.begin(codes, code, in: &list)
        PackedAmount.append(price, to: &list)
        RowList.append(
            currency: UnsafeRawBufferPointer(start: bytes.base + currency.lowerBound, count: currency.count), to: &list)
        RowList.end(entry, in: &list)
    }

    @inline(__always)
    mutating func endRow(
        _ codes: borrowing Fragments, _ code: Int, available: Amount, onHand: Amount, committed: Amount?,
        ordered: Amount?
    ) {
        endRow()
        stock.add(available)
        let entry = RowList.begin(codes, code, in: &list)
        PackedAmount.append(available, to: &list)
        RowList.append(onHand, unlikeThatFrom: entry, to: &list)
        RowList.append(orAbsent: committed, to: &list)
        RowList.append(orAbsent: ordered, to: &list)
        RowList.end(entry, in: &list)
    }

    func row(_ index: Int) -> UnsafeRawBufferPointer {
        let first = index == 0 ? 0 : ends[index - 1] + 1
        return UnsafeRawBufferPointer(rebasing: bytes.bytes[first..<ends[index]])
    }
}

/// The rows of an item in one dataset, as they are kept beside its hashes: length and bytes of the code, then length and
/// bytes of the content.
///
/// The content is all that can differ between two rows with the same key and code: of a price the amount and the currency,
/// of stock what is available, on hand, committed and ordered. Two rows are equal when these bytes are; nothing is hashed,
/// so no change can hide behind another row's hash.
enum RowList {
    struct Entry: Equatable {
        var code: [UInt8]
        var content: [UInt8]
    }

    /// Longer ones are no currencies; a hash is kept of them.
    private static let currencyMax = 100
    /// Begins a hash in place of a currency; no UTF-8 text has it.
    private static let hashMark: UInt8 = 0xFF

    // MARK: Writing

    /// - Returns: where the content begins.
    @inline(__always)
    static func begin(_ codes: borrowing Fragments, _ code: Int, in list: inout GrowingBytes) -> Int {
        list.append(UInt8(truncatingIfNeeded: codes.length(code)))
        list.append(codes, code)
        list.append(0)
        return list.count
    }

    @inline(__always)
    static func end(_ content: Int, in list: inout GrowingBytes) {
        list.base[content &- 1] = UInt8(truncatingIfNeeded: list.count &- content)
    }

    @inline(__always)
    static func append(currency: UnsafeRawBufferPointer, to list: inout GrowingBytes) {
        guard currency.count > currencyMax else { return list.append(currency) }
        list.append(hashMark)
        let hash = ContentHash.lanes(currency)
        withUnsafeBytes(of: (hash.0.littleEndian, hash.1.littleEndian)) { list.append($0) }
    }

    @inline(__always)
    static func append(orAbsent amount: Amount?, to list: inout GrowingBytes) {
        guard let amount else { return list.append(PackedAmount.absent) }
        PackedAmount.append(amount, to: &list)
    }

    /// Appends an amount, or the mark that it is the one that begins at `start`.
    @inline(__always)
    static func append(_ amount: Amount, unlikeThatFrom start: Int, to list: inout GrowingBytes) {
        let end = list.count
        PackedAmount.append(amount, to: &list)
        let length = end &- start
        guard list.count &- end == length,
            ShortBytes.areEqual(UnsafePointer(list.base + start), UnsafePointer(list.base + end), length)
        else { return }
        list.cut(to: end)
        list.append(PackedAmount.same)
    }

    // MARK: Reading

    /// Hands out code and content of each row until `body` returns false.
    ///
    /// - Returns: Whether the bytes are such a list, as far as they were looked at.
    @inline(__always)
    static func walk(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (_ code: UnsafeRawBufferPointer, _ content: UnsafeRawBufferPointer) throws(StagingError) -> Bool
    ) throws(StagingError) -> Bool {
        var at = 0
        while at < bytes.count {
            let length = Int(bytes[at])
            let content = at + 2 + length
            guard length > 0, content <= bytes.count else { return false }
            let end = content + Int(bytes[content - 1])
            guard end > content, end <= bytes.count else { return false }
            let code = UnsafeRawBufferPointer(rebasing: bytes[(at + 1)..<(content - 1)])
            guard try body(code, .init(rebasing: bytes[content..<end])) else { break }
            at = end
        }
        return true
    }

    /// - Returns: nil when the bytes are not such a list.
    static func count(_ bytes: UnsafeRawBufferPointer) throws(StagingError) -> Int? {
        var count = 0
        let isList = try walk(bytes) { (_, _) throws(StagingError) in
            count += 1
            return true
        }
        return isList ? count : nil
    }

    /// The content of the row with this code.
    static func content(
        of wanted: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer
    ) throws(StagingError) -> UnsafeRawBufferPointer? {
        var found: UnsafeRawBufferPointer?
        _ = try walk(bytes) { (code, content) throws(StagingError) in
            if ShortBytes.order(code, wanted) == 0 { found = content }
            return found == nil
        }
        return found
    }

    /// How many rows are new, other and gone in a list that belongs to a dataset that differs.
    ///
    /// Where no row seems to differ, all of them do: what tells them apart is not in the list.
    ///
    /// - Returns: nil when the bytes are not such lists.
    static func changes(
        from old: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer
    ) throws(StagingError) -> (created: Int, updated: Int, removed: Int)? {
        guard let oldCount = try count(old) else { return nil }
        var (created, updated, kept) = (0, 0, 0)
        let isList = try walk(new) { (code, content) throws(StagingError) in
            let known = try self.content(of: code, in: old)
            if let known {
                if ShortBytes.order(known, content) == 0 { kept += 1 } else { updated += 1 }
            } else {
                created += 1
            }
            return true
        }
        guard isList else { return nil }
        let removed = oldCount - kept - updated
        return created + updated + removed == 0 ? (0, kept, 0) : (created, updated, removed)
    }

    /// - Returns: nil when the bytes are not such a list.
    static func entries(_ bytes: UnsafeRawBufferPointer) throws(StagingError) -> [Entry]? {
        var entries: [Entry] = []
        let isList = try walk(bytes) { (code, content) throws(StagingError) in
            entries.append(Entry(code: Array(code), content: Array(content)))
            return true
        }
        return isList ? entries : nil
    }

    // MARK: Contents

    /// - Returns: nil when it is not the content of a price.
    static func price(
        _ content: UnsafeRawBufferPointer
    ) -> (amount: ExactDecimal, currency: UnsafeRawBufferPointer)? {
        var at = 0
        guard let amount = PackedAmount.read(content, &at) else { return nil }
        return (amount, UnsafeRawBufferPointer(rebasing: content[at...]))
    }

    /// What is available; nil when it is not the content of a stock figure.
    static func stock(_ content: UnsafeRawBufferPointer) -> ExactDecimal? {
        var at = 0
        return PackedAmount.read(content, &at)
    }

    /// As text; `?` for one that is too long to be kept.
    static func currency(_ bytes: [UInt8]) -> String {
        bytes.first == hashMark ? "?" : String(decoding: bytes, as: UTF8.self)
    }
}
