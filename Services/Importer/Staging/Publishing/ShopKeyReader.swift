import SchedulerAPI

/// Reads the keys of rows out of a shop's list of one dataset (`items` of `GET /products`, `/prices`, `/stock`).
struct ShopKeyReader: ~Copyable {
    /// The members that together name a row, and what a price row is known by beside them.
    private static func members(_ module: Module) -> [String] {
        switch module {
        case .products: ["code"]
        case .prices: ["product_code", "price_list_code", "min_quantity"]
        case .stock: ["product_code", "warehouse_code"]
        }
    }

    private let module: Module
    private let fields: FieldTable
    private let values: UnsafeMutablePointer<UInt32>
    private var scanner: ItemScanner
    private var key = GrowingBytes(capacity: 256)
    private var scratch = GrowingBytes(capacity: 256)

    init(_ module: Module) {
        self.module = module
        let members = Self.members(module)
        fields = FieldTable(members)
        values = .allocate(capacity: members.count)
        scanner = ItemScanner(PageLayout(items: "items", members: ["next_cursor", "version"]))
    }

    deinit { values.deallocate() }

    /// - Parameter body: gets each key, as ``RowKey`` writes it.
    /// - Throws: `.page` when the page is not such a list, or a row of it has no key.
    mutating func read(
        _ page: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(StagingError) -> Void
    ) throws(StagingError) -> ShopKeyPage {
        scanner.reset()
        do throws(ScanFailure) {
            while let item = try scanner.next(in: page) {
                guard takeKey(item) else {
                    throw ScanFailure(kind: .rowWithoutKey, offset: item.offset, item: item.position)
                }
                // A failure of the body is ours, not the page's.
                do throws(StagingError) { try body(key.bytes) } catch { throwing = error }
                if throwing != nil { break }
            }
            if throwing == nil { try scanner.finish() }
        } catch {
            throw .page(error)
        }
        if let error = throwing.take() { throw error }
        return ShopKeyPage(
            rows: scanner.itemCount, cursor: scanner.members["next_cursor"]?.text,
            version: scanner.members["version"]?.text)
    }

    private var throwing: StagingError?

    private mutating func takeKey(_ item: ScannedItem) -> Bool {
        key.clear()
        guard item.tokens[0].kind == .object, !FieldReader.read(item, 0, fields, into: values, &scratch) else {
            return false
        }
        for slot in 0..<fields.count {
            let start = key.count
            if slot == 2 {
                takeMinimumQuantity(item)
            } else {
                if slot > 0 { key.append(RowKey.separator) }
                guard takeText(item, Int(values[slot])), key.count > start + min(slot, 1) else { return false }
            }
        }
        return true
    }

    private mutating func takeText(_ item: ScannedItem, _ index: Int) -> Bool {
        guard index > 0, item.tokens[index].kind == .string else { return false }
        let token = item.tokens[index]
        if token.hasEscapes {
            StringScanning.unescape(item.start + Int(token.start), Int(token.length), into: &key)
        } else {
            key.append(item.start + Int(token.start), Int(token.length))
        }
        return true
    }

    /// `1`, `1.0`, `1.00`, …
    private static func isOne(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let fraction = text.dropFirst()
        guard text.first == UInt8(ascii: "1") else { return false }
        guard let point = fraction.first else { return true }
        return point == UInt8(ascii: ".") && fraction.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") }
    }

    /// Prices are published for one piece and more. Another quantity makes another row, which was not published.
    private mutating func takeMinimumQuantity(_ item: ScannedItem) {
        let index = Int(values[2])
        guard index > 0 else { return }
        let token = item.tokens[index]
        guard token.kind == .string || token.kind == .number else { return }
        let start = item.start + Int(token.start)
        let text = UnsafeBufferPointer(start: start, count: Int(token.length))
        guard !Self.isOne(text) else { return }
        key.append(RowKey.separator)
        key.append(start, text.count)
    }
}

/// One page of a shop's list of keys.
public struct ShopKeyPage: Sendable, Equatable {
    public var rows: Int
    /// Where the list goes on; nil at its end.
    public var cursor: String?
    /// The version of the dataset the page is of; nil when the shop does not say.
    public var version: String?

    public init(rows: Int, cursor: String?, version: String?) {
        self.rows = rows
        self.cursor = cursor
        self.version = version
    }
}
