import SchedulerAPI

/// Rows for one chunk of an import session.
public struct UploadBatch: Sendable, Equatable {
    public static let rowsMax = 500
    public static let bytesMax = 900_000

    /// From 1.
    public let number: Int
    public let rowCount: Int
    /// A JSON array of the rows.
    public let rows: [UInt8]
}

/// The rows of one module, chunk by chunk.
///
/// Rows are made again from the source's original bytes and checked against the hashes that were judged: what travels is
/// what the verdict is about, or nothing does.
public final class UploadBatches {
    private enum Stage { case items, gone, done }

    private let difference: Difference
    private let module: Module
    private let mode: PublishMode
    private let items: SQLiteStatement
    private let gone: SQLiteStatement
    private let reader: OriginalReader
    private var tokenizer: Tokenizer
    private var mapper: ItemMapper
    private let hash = UnsafeMutablePointer<UInt8>.allocate(capacity: ContentHash.length)
    private var stage = Stage.items
    private var number = 0
    /// Rows of the chunk in hand; after it those of the next that were already made.
    private var chunk = ChunkBuilder()

    init(_ difference: Difference, _ module: Module, _ mode: PublishMode) throws(StagingError) {
        self.difference = difference
        self.module = module
        self.mode = mode
        let file = difference.published.file
        let list = PublishedSchema.rowList(module) ?? "products"
        let item = "s.block, s.offset, s.length, s.\(module.rawValue), s.\(list), s.key"
        items = try file.prepare(
            mode == .full
                ? "SELECT \(item), NULL FROM staged.item AS s ORDER BY s.id"
                : """
                SELECT \(item), \(PublishedSchema.rowList(module).map { "c.\($0)" } ?? "NULL")
                FROM temp.change AS c CROSS JOIN staged.item AS s ON s.id = c.id
                WHERE c.flags >> \(module.bit) & 1 ORDER BY c.id
                """)
        gone = try file.prepare(
            """
            SELECT p.key, p.\(list) FROM temp.gone AS g CROSS JOIN main.item AS p ON p.key = g.key
            WHERE p.\(module.rawValue) IS NOT NULL ORDER BY g.key
            """)
        reader = try OriginalReader(file, schema: "staged", difference.staged.compressor)
        tokenizer = Tokenizer(depthMax: ScanLimits().depthMax, tokensMax: ScanLimits().tokensMax)
        mapper = ItemMapper(difference.staged.mapping)
    }

    deinit { hash.deallocate() }

    /// The next chunk, or nil after the last.
    public func next() throws(StagingError) -> UploadBatch? {
        guard difference.isValid else { throw .notSealed }
        while !chunk.isReady, stage != .done {
            switch stage {
            case .items where try items.step(): try addItem()
            case .items: stage = mode == .full ? .done : .gone
            case .gone where try gone.step(): try addGone()
            default: stage = .done
            }
        }
        guard let (rows, count) = chunk.take() else { return nil }
        number += 1
        return UploadBatch(number: number, rowCount: count, rows: rows)
    }

    private func addItem() throws(StagingError) {
        try mapItem()
        let matches = mapper.withRows(of: module) { rows in
            ContentHash.write(rows.bytes.bytes, to: hash)
            return items.bytes(3).elementsEqual(UnsafeRawBufferPointer(start: hash, count: ContentHash.length))
        }
        guard matches else { throw .damaged("the rows of an item are not those that were judged") }
        let changes: RowChanges? =
            mode == .full || module == .products
            ? nil : try RowChanges(staged: items.bytes(4), published: items.bytes(6))
        mapper.withRows(of: module) { rows in
            for index in 0..<rows.count where changes?.isSent[index] != false { chunk.add(rows.row(index)) }
        }
        for code in changes?.removed ?? [] { chunk.add(removalOf: items.bytes(5), code, module) }
    }

    private func mapItem() throws(StagingError) {
        let bytes = try reader.item(block: items.integer(0), offset: items.integer(1), length: items.integer(2))
        let isMapped = bytes.withUnsafeBufferPointer { bytes in
            do {
                let start = bytes.baseAddress.unsafelyUnwrapped
                guard try tokenizer.read(start, bytes.count, isWhole: true) == bytes.count else { return false }
                try mapper.map(
                    ScannedItem(
                        bytes: UnsafeRawBufferPointer(bytes),
                        tokens: UnsafeBufferPointer(start: tokenizer.tokens, count: tokenizer.count), offset: 0,
                        position: 1))
                return true
            } catch {
                return false
            }
        }
        guard isMapped else { throw .damaged("an item cannot be read again") }
    }

    private func addGone() throws(StagingError) {
        guard module != .products else { return chunk.add(removalOf: gone.bytes(0), [], module) }
        guard let rows = try RowList.entries(gone.bytes(1)) else { throw .damaged("the published set") }
        for row in rows { chunk.add(removalOf: gone.bytes(0), row.code, module) }
    }
}

/// Collects rows and cuts them into chunks.
private struct ChunkBuilder {
    private var rows: [UInt8] = [UInt8(ascii: "[")]
    private var count = 0
    /// Rows that come after a chunk that is full.
    private var waiting: [[UInt8]] = []
    private var isFull = false

    var isReady: Bool { isFull }

    mutating func add(_ row: UnsafeRawBufferPointer) {
        let fits = count == 0 || (count < UploadBatch.rowsMax && rows.count + row.count + 2 <= UploadBatch.bytesMax)
        guard fits, !isFull else {
            isFull = true
            return waiting.append(Array(row))
        }
        if count > 0 { rows.append(UInt8(ascii: ",")) }
        rows.append(contentsOf: row)
        count += 1
    }

    mutating func add(removalOf key: UnsafeRawBufferPointer, _ code: [UInt8], _ module: Module) {
        func quoted(_ text: some Collection<UInt8>) -> String {
            String(decoding: StringScanning.quoted(String(decoding: text, as: UTF8.self)), as: UTF8.self)
        }
        var row =
            switch module {
            case .products: "{\"code\":\(quoted(key))"
            case .prices:
                "{\"product_code\":\(quoted(key)),\"price_list_code\":\(quoted(code)),\"min_quantity\":\"1\""
            case .stock: "{\"product_code\":\(quoted(key)),\"warehouse_code\":\(quoted(code))"
            }
        row += ",\"deleted\":true}"
        row.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// The chunk in hand, and on with the rows that were waiting.
    mutating func take() -> (rows: [UInt8], count: Int)? {
        guard count > 0 else { return nil }
        rows.append(UInt8(ascii: "]"))
        let result = (rows, count)
        let next = waiting
        self = ChunkBuilder()
        rows.reserveCapacity(result.0.count)
        for row in next { row.withUnsafeBytes { add($0) } }
        return result
    }
}
