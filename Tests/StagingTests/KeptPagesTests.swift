import CoreTypes
import Foundation
import SchedulerAPI
import Testing

@testable import Staging

/// Pages of a read that was cut off are taken over only when they are what the source had sent.
@Suite struct KeptPagesTests {
    private let fixture: StagingFixture

    init() throws { fixture = try StagingFixture() }

    private static let items = (0..<120).map { number in
        SourceItem(key: "K\(1000 + number)", name: "Item \(number)", prices: [1: "\(number).5", 2: nil])
    }

    private static let bodies = stride(from: 0, to: items.count, by: 10).map { start in
        page(items[start..<(start + 10)].map(\.json), next: "after \(start + 10)")
    }

    /// Takes over all pages into a file of another run.
    @discardableResult
    private func takeOver(_ number: UInt64 = 2, _ mapping: CompiledMapping? = nil) throws -> StagingFile {
        let mapping = try mapping ?? fixture.mapping()
        let file = try fixture.folder.create(
            run: StagingFixture.run(number), token: 2, mapping: mapping, pages: sapPages, at: fixture.now)
        let kept = try fixture.folder.keptPages(run: StagingFixture.run(1), token: 1, mapping: mapping)
        defer { kept.close() }
        while let (_, cursor) = try file.takePage(from: kept) { try file.commitPage(cursor: cursor) }
        return file
    }

    /// The file of a run that was killed when it had committed its pages.
    private func leave(_ bodies: [[UInt8]] = KeptPagesTests.bodies) throws {
        let file = try fixture.newFile()
        for (number, body) in bodies.enumerated() { try file.read(body, cursor: "cursor \(number)") }
        try file.commitWholePages()
        file.close()
    }

    private var path: String {
        get throws {
            try #require(
                fixture.fileNames.first {
                    $0.hasPrefix(StagingFixture.run(1).rawValue) && $0.hasSuffix(".staging")
                }.map { "\(fixture.path)/\($0)" })
        }
    }

    private func change(_ sql: String) throws {
        let file = try SQLiteFile(try path, creates: false) { _ in }
        try file.execute(sql)
        file.close()
    }

    @Test func `what is taken over and gone on with is what is read in one go`() throws {
        try leave(Array(Self.bodies.prefix(7)))
        let file = try takeOver()
        #expect((file.pageCount, file.rowsRead, file.lastCursor) == (7, 70, "cursor 6"))
        for body in Self.bodies.dropFirst(7) { try file.read(body) }
        let whole = try fixture.newFile(3)
        for body in Self.bodies { try whole.read(body) }
        #expect(try file.seal() == whole.seal())
        #expect(try file.pageRecords() == whole.pageRecords())
        #expect(try file.totals() == whole.totals())
        #expect(try file.original(of: "K1003") == Array(Self.items[3].json.utf8))
    }

    @Test func `pages that were not committed are not there`() throws {
        let file = try fixture.newFile()
        for body in Self.bodies.prefix(3) { try file.read(body) }
        for body in Self.bodies.prefix(2) { try file.read(body, cursor: "more") }
        file.close()
        #expect(try takeOver().pageCount == 3)
    }

    @Test func `a file that was sealed and swept has all its pages`() throws {
        let file = try fixture.newFile()
        for body in Self.bodies { try file.read(body) }
        let figures = try file.seal()
        try file.beginSweep()
        for body in Self.bodies { try file.read(body) }
        file.close()
        #expect(try takeOver().seal() == figures)
    }

    @Test func `unreadable items and pages without items are taken over too`() throws {
        try leave([page([#"{"ItemCode":"A"}"#, SourceItem(key: "B").json]), page([])])
        let file = try takeOver()
        let figures = try file.seal()
        #expect((figures.rowsRead, figures.unreadableCount) == (2, 1))
        #expect(try file.pageRecords().map(\.rows) == [2, 0])
    }

    @Test(arguments: [
        "DELETE FROM page WHERE number = 4", "UPDATE page SET hash = '0' || substr(hash, 2) WHERE number = 5",
        "UPDATE page SET rows = rows + 1 WHERE number = 12", "UPDATE page SET lastKey = 'K9' WHERE number = 2",
        "UPDATE page SET nextBlock = nextBlock + 1 WHERE number = 3", "DELETE FROM block WHERE id = 6",
        "UPDATE block SET body = zeroblob(9) WHERE id = 1", "UPDATE block SET bytes = 1 << 60 WHERE id = 1",
        "UPDATE block SET bytes = -5 WHERE id = 1", "UPDATE block SET id = -id WHERE id < 3", "DROP TABLE block",
        "DELETE FROM page WHERE number = 1",
    ])
    func `a page that is not the one that was read is damage`(sql: String) throws {
        try leave()
        try change(sql)
        let error = #expect(throws: StagingError.self) { try takeOver() }
        guard case .damaged = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    /// Whatever a torn disk leaves: the pages that are taken over are the source's, from the first on.
    @Test(arguments: 0..<60)
    func `no byte that is otherwise gets through`(seed: Int) throws {
        try leave()
        var chance = SeededNumbers(state: UInt64(seed))
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        switch seed % 4 {
        case 0: bytes[Int.random(in: bytes.indices, using: &chance)] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 1: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &chance))
        case 2:
            let start = Int.random(in: 0..<(bytes.count / 4096), using: &chance) * 4096
            for index in start..<min(start + 4096, bytes.count) { bytes[index] = 0 }
        default:
            let start = Int.random(in: bytes.indices, using: &chance)
            for index in start..<min(start + 40, bytes.count) { bytes[index] = .random(in: 0...255, using: &chance) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let whole = try fixture.newFile(3)
        for body in Self.bodies { try whole.read(body) }
        do {
            let file = try takeOver()
            #expect(try file.pageRecords() == Array(whole.pageRecords().prefix(file.pageCount)))
            for body in Self.bodies.dropFirst(file.pageCount) { try file.read(body) }
            #expect(try file.seal().digest == whole.seal().digest)
        } catch {
            switch error as? StagingError {
            case .damaged, .otherRun, .otherMapping: break
            default: #expect(Bool(false), "\(error)")
            }
        }
    }

    @Test func `another run, claim or mapping is none of its pages`() throws {
        try leave()
        let mapping = try fixture.mapping()
        func opening(_ number: UInt64, _ token: Int64, _ mapping: CompiledMapping) throws {
            try fixture.folder.keptPages(run: StagingFixture.run(number), token: token, mapping: mapping).close()
        }
        #expect(throws: StagingError.notFound) { try opening(9, 1, mapping) }
        #expect(throws: StagingError.otherRun) { try opening(1, 2, mapping) }
        #expect(throws: StagingError.otherMapping) { try opening(1, 1, try fixture.mapping([.products])) }
        try opening(1, 1, mapping)
    }

    @Test func `a file somebody is still at work on is not taken, and one that is taken nobody writes to`() throws {
        let file = try fixture.newFile()
        try file.read(Self.bodies[0])
        #expect(throws: StagingError.self) { try takeOver() }
        file.close()
        let kept = try fixture.folder.keptPages(run: StagingFixture.run(1), token: 1, mapping: try fixture.mapping())
        let woken = try SQLiteFile(try path, creates: false) { _ in }
        try woken.execute("PRAGMA busy_timeout = 0")
        #expect(throws: StagingError.self) { try woken.execute("DELETE FROM page") }
        kept.close()
        woken.close()
        #expect(try takeOver().pageCount == 1)
    }
}
