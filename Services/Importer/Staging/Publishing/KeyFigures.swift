import SchedulerAPI

/// A set of row keys in a few bytes: how many there are, and the sum of their hashes.
///
/// Order does not matter, so a shop may list its rows as it likes; a key that comes twice counts twice. Sets with the
/// same figures are taken to be equal: the hashes are of 128 bits, and nobody gains by making two sets agree.
public struct KeyFigures: Sendable, Equatable {
    public private(set) var count = 0
    private var first: UInt64 = 0
    private var second: UInt64 = 0

    public init() {}

    @inline(__always)
    mutating func add(_ key: UnsafeRawBufferPointer) {
        let hash = ContentHash.lanes(key)
        count &+= 1
        first &+= hash.0
        second &+= hash.1
    }

    mutating func add(_ other: KeyFigures) {
        count += other.count
        first &+= other.first
        second &+= other.second
    }
}

/// How the key of a row is written as one text: its parts with a character between them that no part can have.
enum RowKey {
    static let separator: UInt8 = 0x1F

    /// The parts for people: `A100042 / retail`.
    static func words(_ key: String) -> String {
        key.split(separator: "\u{1F}", omittingEmptySubsequences: false).joined(separator: " / ")
    }
}

extension StagingFile {
    /// The keys of all rows that were staged for a dataset, in the order they were read.
    func forEachRowKey(
        of module: Module, _ body: (UnsafeRawBufferPointer) throws(StagingError) -> Void
    ) throws(StagingError) {
        let list = PublishedSchema.rowList(module)
        let select = try file.prepare(
            "SELECT key, \(list ?? "NULL") FROM item WHERE \(module.rawValue) IS NOT NULL")
        var key = GrowingBytes(capacity: 256)
        while try select.step() {
            guard list != nil else {
                try body(select.bytes(0))
                continue
            }
            key.clear()
            key.append(select.bytes(0))
            key.append(RowKey.separator)
            let start = key.count
            guard
                try RowList.walk(
                    select.bytes(1),
                    { (code, _) throws(StagingError) in
                        key.cut(to: start)
                        key.append(code)
                        try body(key.bytes)
                        return true
                    })
            else { throw .damaged("a list of rows") }
        }
    }

    /// The keys a shop must show of a dataset once this set is live.
    func keyFigures(of module: Module) throws(StagingError) -> KeyFigures {
        var figures = KeyFigures()
        try forEachRowKey(of: module) { figures.add($0) }
        return figures
    }
}
