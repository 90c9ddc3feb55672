import CoreTypes
import Foundation
import SchedulerAPI
import Testing

@testable import Staging

@Suite struct StagingFileTests {
    private let fixture: StagingFixture

    init() throws { fixture = try StagingFixture() }

    private func items(_ count: Int, from first: Int = 0) -> [SourceItem] {
        (first..<(first + count)).map { SourceItem(key: "K\($0)", name: "Item \($0)", prices: [1: "\($0).5", 2: nil]) }
    }

    @Test func `a page brings its rows, its evidence and the place to go on`() throws {
        let file = try fixture.newFile()
        let body = page(items(3).map(\.json), next: "Items?$skip=3")
        let read = try file.read(body, cursor: "Items?$skip=3")
        #expect(read.members["@odata.nextLink"]?.text == "Items?$skip=3")
        #expect((read.number, read.rows, read.unreadable, read.bytes) == (1, 3, 0, body.count))
        #expect((read.firstKey, read.lastKey) == ("K0", "K2"))
        #expect(read.hash.utf8.count == 32)
        #expect(file.lastCursor == "Items?$skip=3")
        try file.read(page([]))
        #expect(file.lastCursor == nil)
        let records = try file.pageRecords()
        #expect(records.map(\.rows) == [3, 0])
        #expect(records[1].firstKey == nil)
        let figures = try file.seal()
        #expect(figures.rowsRead == 3)
        #expect(figures.distinctKeys == 3)
        #expect(figures.rows == [.products: 3, .prices: 3, .stock: 3])
    }

    @Test func `the digest tells the content, not the order, the pages or the pieces`() throws {
        let all = items(40)
        let one = try fixture.staged(all, number: 1, pageSize: 40).seal()
        let other = try fixture.staged(all.reversed(), number: 2, pageSize: 3).seal()
        #expect(one.digest == other.digest)
        #expect(one.digest.utf8.count == 64)
        var changed = all
        changed[7].prices[1] = "7.51"
        #expect(try fixture.staged(changed, number: 3).seal().digest != one.digest)
        #expect(try fixture.staged(Array(all.dropLast()), number: 4).seal().digest != one.digest)
    }

    private func hasIndex(_ file: StagingFile) throws -> Bool {
        try file.file.integer("SELECT count(*) FROM sqlite_master WHERE name = 'itemByKey'") > 0
    }

    @Test func `keys that come in order need no index, others are sorted`() throws {
        let keys = ["A", "A\u{E6}", "B", "B0", "B00000001", "B00000002", "a"]
        let sorted = keys.map { SourceItem(key: $0) }
        let inOrder = try fixture.staged(sorted, number: 1, pageSize: 2)
        #expect(try !hasIndex(inOrder))
        for (number, place) in sorted.indices.dropLast().enumerated() {
            var items = sorted
            items.swapAt(place, place + 1)
            let mixed = try fixture.staged(items, number: UInt64(10 + number), pageSize: 2)
            #expect(try hasIndex(mixed), "\(place)")
            #expect(try mixed.seal() == inOrder.seal())
        }
        let twice = try fixture.staged(sorted + [sorted[6]], number: 2, pageSize: 2)
        #expect(try twice.seal().duplicateKeyCount == 1)
        #expect(try hasIndex(twice))
    }

    @Test func `a sealed set is sealed for the next process too, and tells the same`() throws {
        for (number, all) in [items(5), items(5).reversed()].enumerated() {
            let first = try fixture.staged(all, number: UInt64(number))
            let figures = try first.seal()
            first.close()
            let second = try fixture.reopen(UInt64(number))
            #expect(second.isSealed)
            #expect(try second.seal() == figures)
            let difference = try fixture.published().difference(to: second, modules: Module.allCases)
            #expect(difference[.products].created == 5)
        }
    }

    @Test func `keys read twice are named with their pages`() throws {
        let file = try fixture.newFile()
        try file.read(page(items(3).map(\.json)))
        try file.read(page(items(3, from: 2).map(\.json)))
        try file.read(page(items(3, from: 2).map(\.json)))
        let figures = try file.seal()
        #expect((figures.rowsRead, figures.distinctKeys, figures.duplicateKeyCount) == (9, 5, 3))
        #expect(figures.duplicates.first == DuplicateKey(key: "K2", pages: [1, 2, 3]))
        #expect(figures.duplicates.last == DuplicateKey(key: "K4", pages: [2, 3]))
        #expect(throws: StagingError.duplicates) {
            try fixture.published().difference(to: file, modules: Module.allCases)
        }
    }

    @Test func `at most 20 pages of a key are named`() throws {
        let file = try fixture.newFile()
        for _ in 1...25 { try file.read(page(items(1).map(\.json))) }
        #expect(try file.seal().duplicates.map(\.pages) == [Array(1...20)])
    }

    @Test func `at most 100 keys are named, all are counted`() throws {
        let file = try fixture.newFile()
        try file.read(page(items(150).map(\.json)))
        try file.read(page(items(150).map(\.json)))
        let figures = try file.seal()
        #expect((figures.duplicates.count, figures.duplicateKeyCount) == (100, 150))
    }

    @Test func `an item that cannot be read is listed and counted, never dropped`() throws {
        let file = try fixture.newFile()
        try file.read(page(items(2).map(\.json)))
        let broken = SourceItem(key: "BAD", prices: [1: "\"n/a\""]).json
        try file.read(page([items(1, from: 5)[0].json, broken, "17"]))
        let figures = try file.seal()
        #expect((figures.rowsRead, figures.distinctKeys, figures.unreadableCount) == (5, 3, 2))
        #expect(
            figures.unreadable == [
                UnreadableItem(page: 2, position: 2, key: "BAD", reason: "item_price_not_a_number"),
                UnreadableItem(page: 2, position: 3, key: nil, reason: "item_not_an_object"),
            ])
    }

    @Test func `of a page that breaks off nothing remains, and it can be read again`() throws {
        let file = try fixture.newFile()
        try file.read(page(items(5).map(\.json)), cursor: "2")
        let body = page(items(400, from: 5).map(\.json))
        try file.beginPage()
        try file.feed(Array(body[..<(body.count / 2)]))
        #expect(throws: StagingError.self) { try file.finishPage() }
        try file.abandonPage()
        #expect((file.pageCount, file.rowsRead, file.lastCursor) == (1, 5, "2"))
        try file.read(body)
        #expect(try file.seal().digest == fixture.staged(items(405), number: 2).seal().digest)
        #expect(try file.original(of: "K404") == Array(items(1, from: 404)[0].json.utf8))
    }

    @Test func `a page that is not JSON says where`() throws {
        let file = try fixture.newFile()
        try file.beginPage()
        #expect {
            try file.feed(Array("<html>".utf8))
        } throws: { $0 as? StagingError == .page(ScanFailure(kind: .notJSON, offset: 0, item: 0)) }
        try file.abandonPage()
    }

    @Test(arguments: [StagingFile.commitsAfter, StagingFile.commitsAfter / 4, StagingFile.commitsAfter - 1])
    func `another process goes on where the last commit was, at most a thousand items back`(pageSize: Int) throws {
        let first = try fixture.newFile()
        var read = 0
        for number in 2...9 {
            try first.read(page(items(pageSize, from: read).map(\.json)), cursor: "\(number)")
            read += pageSize
        }
        try first.beginPage()
        try first.feed(Array(page(items(pageSize, from: read).map(\.json)).dropLast(9)))
        first.close()  // What is not committed is lost, as when the process is killed.
        let second = try fixture.reopen()
        #expect(read - second.rowsRead < StagingFile.commitsAfter)
        #expect(second.rowsRead == second.pageCount * pageSize)
        #expect(second.lastCursor == "\(second.pageCount + 1)")
        let rest = items(read, from: 0).dropFirst(second.rowsRead)
        try second.read(page(rest.map(\.json)))
        #expect(try second.seal().digest == fixture.staged(items(read), number: 2).seal().digest)
        for key in ["K0", "K\(read - 1)"] { #expect(try second.original(of: key) != nil) }
    }

    @Test func `a small page that breaks off takes none of those before it along`() throws {
        let file = try fixture.newFile()
        for number in 0..<7 {
            let body = page(items(40, from: 40 * number).map(\.json))
            try file.beginPage()
            try file.feed(Array(body[..<(body.count - 1)]))
            #expect(throws: StagingError.self) { try file.finishPage() }
            try file.abandonPage()
            try file.abandonPage()
            try file.read(body, cursor: "\(number)")
        }
        #expect((file.pageCount, file.rowsRead) == (7, 280))
        #expect(try file.seal() == fixture.staged(items(280), number: 2, pageSize: 40).seal())
        #expect(try file.pageRecords().map(\.rows) == Array(repeating: 40, count: 7))
        #expect(try file.original(of: "K279") == Array(items(1, from: 279)[0].json.utf8))
        file.close()
        #expect(try fixture.reopen().rowsRead == 280)
    }

    @Test func `of a page that was partly written when the process was killed nothing remains`() throws {
        let first = try fixture.newFile()
        try first.read(page(items(1000).map(\.json)), cursor: "2")
        let committed = try sizes()
        try first.read(page(items(5, from: 1000).map(\.json)), cursor: "3")
        try first.beginPage()
        try first.feed(Array(page(items(30_000, from: 1005).map(\.json)).dropLast(9)))
        #expect(try sizes() > committed + 100_000, "more than the cache holds, so that some of it is in the file")
        let killed = try StagingFixture()
        for name in fixture.fileNames {
            try FileManager.default.copyItem(atPath: "\(fixture.path)/\(name)", toPath: "\(killed.path)/\(name)")
        }
        let second = try killed.reopen()
        #expect((second.pageCount, second.rowsRead, second.lastCursor) == (1, 1000, "2"))
        try second.read(page(items(5, from: 1000).map(\.json)))
        #expect(try second.seal().digest == killed.staged(items(1005), number: 2).seal().digest)
    }

    private func sizes() throws -> Int {
        try fixture.fileNames.reduce(0) { sum, name in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(fixture.path)/\(name)")
            return sum + (attributes[.size] as? Int ?? 0)
        }
    }

    @Test func `a file of another run, claim or mapping is refused`() throws {
        try fixture.newFile(1, token: 3).close()
        #expect(throws: StagingError.notFound) { try fixture.reopen(2, token: 3) }
        #expect(throws: StagingError.otherRun) { try fixture.reopen(1, token: 4) }
        #expect(throws: StagingError.otherMapping) {
            try fixture.reopen(1, token: 3, fixture.mapping(subtractReserved: false))
        }
        try fixture.reopen(1, token: 3).close()
    }

    @Test func `discarding leaves nothing behind`() throws {
        let file = try fixture.staged(items(20))
        #expect(!fixture.fileNames.isEmpty)
        file.discard()
        #expect(fixture.fileNames.isEmpty)
    }

    @Test func `leftovers go, what is still wanted stays`() throws {
        for number in 1...3 { try fixture.newFile(UInt64(number)).close() }
        #expect(try fixture.folder.sweep(keep: [StagingFixture.run(2)]) == 2)
        try fixture.reopen(2).close()
        #expect(try fixture.folder.sweep(keep: []) == 1)
        #expect(fixture.fileNames.isEmpty)
    }

    @Test func `what lies beside no set goes, what lies beside a held one stays`() throws {
        try fixture.newFile(2).close()
        let held = try #require(fixture.fileNames.first { $0.hasSuffix(".staging") })
        let before = fixture.fileNames
        for name in ["gone.1.1.staging-journal", "gone.1.1.staging-wal", "gone.1.1.staging-shm", "\(held)-wal"] {
            #expect(FileManager.default.createFile(atPath: "\(fixture.folder.path)/\(name)", contents: nil))
        }
        try fixture.folder.sweep(keep: [StagingFixture.run(2)])
        #expect(Set(fixture.fileNames) == Set(before + ["\(held)-wal"]))
        try fixture.folder.discard(run: StagingFixture.run(2))
        #expect(fixture.fileNames.isEmpty)
    }

    @Test func `a page far larger than a block keeps every item's original`() throws {
        let all = (0..<4000).map { SourceItem(key: "K\($0)", name: String(repeating: "long name \($0) ", count: 20)) }
        let file = try fixture.newFile()
        try file.read(page(all.map(\.json)))
        for index in [0, 1, 777, 1500, 3999] {
            #expect(try file.original(of: "K\(index)") == Array(all[index].json.utf8))
        }
        #expect(try file.original(of: "K4000") == nil)
    }

    // MARK: Second sweep

    private func sweep(_ file: StagingFile, _ pages: [[String]]) throws -> SweepFigures {
        try file.beginSweep()
        for keys in pages { try file.read(page(keys.map { #"{"ItemCode":"\#($0)"}"# })) }
        return try file.finishSweep()
    }

    @Test func `a sweep tells which keys came and went, and leaves the set alone`() throws {
        let file = try fixture.staged(items(6))
        let digest = try file.seal().digest
        let same = try sweep(file, [["K0", "K1", "K2"], ["K5", "K4", "K3"]])
        #expect((same.rowsRead, same.distinctKeys, same.notReadBefore, same.goneSince) == (6, 6, 0, 0))
        #expect(same.sameDuplicates)
        let moved = try sweep(file, [["K0", "K1", "N1"], ["N1", "N2"], []])
        #expect((moved.rowsRead, moved.distinctKeys, moved.notReadBefore, moved.goneSince) == (5, 4, 2, 4))
        #expect(!moved.sameDuplicates)
        #expect(try file.seal().digest == digest)
    }

    @Test func `duplicates that the source really has are seen again`() throws {
        let file = try fixture.newFile()
        try file.read(page((items(3) + items(1)).map(\.json)))
        _ = try file.seal()
        #expect(try sweep(file, [["K0", "K0", "K1", "K2"]]).sameDuplicates)
        #expect(try !sweep(file, [["K0", "K1", "K1", "K2"]]).sameDuplicates)
        #expect(try !sweep(file, [["K0", "K1", "K2"]]).sameDuplicates)
    }

    @Test func `a sweep agrees with sets of keys, in whatever order both came`() throws {
        var random = SeededNumbers(state: 42)
        func keys(_ number: Int) -> [String] {
            let drawn = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                "K\(Int.random(in: 0..<50, using: &random))"
            }
            return number % 3 == 0 ? drawn : number % 3 == 1 ? drawn.sorted() : Set(drawn).sorted()
        }
        for number in 1...90 {
            let (read, swept) = (keys(number), keys(number / 3))
            let file = try fixture.newFile(UInt64(number))
            try file.read(page(read.map { SourceItem(key: $0, name: "", prices: [:]).json }))
            _ = try file.seal()

            let figures = try sweep(file, [swept])
            #expect(figures.distinctKeys == Set(swept).count)
            #expect(figures.notReadBefore == Set(swept).subtracting(read).count)
            #expect(figures.goneSince == Set(read).subtracting(swept).count)
            let twice = [read, swept].map { keys in Set(keys.filter { key in keys.count { $0 == key } > 1 }) }
            #expect(figures.sameDuplicates == (twice[0] == twice[1]))
        }
    }

    @Test func `a broken sweep page is read again like any other`() throws {
        let file = try fixture.staged(items(2))
        try file.beginSweep()
        try file.beginPage()
        try file.feed(Array(#"{"value":[{"ItemCode":"K0"}"#.utf8))
        try file.abandonPage()
        try file.read(page([#"{"ItemCode":"K0"}"#, #"{"ItemCode":"K1"}"#, "{}"]))
        let figures = try file.finishSweep()
        #expect((figures.rowsRead, figures.distinctKeys, figures.unreadableCount) == (3, 2, 1))
    }
}
