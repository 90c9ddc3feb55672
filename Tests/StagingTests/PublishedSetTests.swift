import CoreTypes
import Foundation
import GRDBSQLite
import Persistence
import SchedulerAPI
import Synchronization
import Testing

@testable import Staging

/// A shop that does what it is told: datasets of rows by key.
struct ModelShop: Equatable {
    var rows: [Module: [String: String]] = [:]

    static func key(_ row: [String: Any], _ module: Module) -> String {
        switch module {
        case .products: row["code"] as? String ?? "?"
        case .prices: "\(row["product_code"]!)|\(row["price_list_code"]!)|\(row["min_quantity"]!)"
        case .stock: "\(row["product_code"]!)|\(row["warehouse_code"]!)"
        }
    }

    /// Plays one import session; returns how many rows came.
    mutating func receive(_ batches: UploadBatches, _ module: Module, _ mode: PublishMode) throws -> Int {
        var dataset = mode == .full ? [:] : rows[module, default: [:]]
        var received = 0
        var number = 0
        while let batch = try batches.next() {
            number += 1
            try #require(batch.number == number)
            let list = try #require(
                try JSONSerialization.jsonObject(with: Data(batch.rows)) as? [[String: Any]])
            try #require(list.count == batch.rowCount && !list.isEmpty)
            received += list.count
            for row in list {
                let key = Self.key(row, module)
                if row["deleted"] as? Bool == true {
                    try #require(dataset.removeValue(forKey: key) != nil, "deleted a row the shop has not")
                } else {
                    dataset[key] = try JSONSerialization.data(withJSONObject: row, options: .sortedKeys)
                        .base64EncodedString()
                }
            }
        }
        rows[module] = dataset
        return received
    }
}

@Suite struct PublishedSetTests {
    private let fixture: StagingFixture

    init() throws { fixture = try StagingFixture() }

    private func adopt(
        _ set: PublishedSet, _ staged: StagingFile, _ modules: [Module] = Module.allCases, token: Int64 = 1
    ) throws {
        try set.adopt(
            staged, modules: modules, versions: [.products: "v\(token)"], run: staged.run, token: token,
            at: fixture.now)
    }

    @Test func `a first publication creates everything, a second of the same set changes nothing`() throws {
        let set = try fixture.published()
        #expect(try set.state == nil)
        let items = (0..<30).map { SourceItem(key: "K\($0)", prices: [1: "1", 2: "2"]) }
        let first = try fixture.staged(items)
        let difference = try set.difference(to: first, modules: Module.allCases)
        #expect(difference[.prices] == DatasetDifference(created: 60, updated: 0, removed: 0, unchanged: 0, total: 60))
        #expect(!difference.isEmpty)
        try adopt(set, first)
        let second = try fixture.staged(items.reversed(), number: 2)
        let same = try set.difference(to: second, modules: Module.allCases)
        #expect(same.isEmpty)
        #expect(same[.prices].unchanged == 60)
        #expect(try same.batches(of: .prices, mode: .delta).next() == nil)
        let state = try #require(try set.state)
        #expect((state.run, state.token, state.publishedAt) == (first.run, 1, fixture.now))
        #expect(state.versions == [.products: "v1"])
        #expect(state.known == Set(Module.allCases))
    }

    @Test func `only the rows that differ travel`() throws {
        let set = try fixture.published()
        let before = [
            SourceItem(key: "SAME"), SourceItem(key: "PRICE", prices: [1: "1", 2: "2"]), SourceItem(key: "GONE"),
        ]
        try adopt(set, fixture.staged(before))
        let after = [
            SourceItem(key: "SAME"), SourceItem(key: "PRICE", prices: [1: "1", 2: "2.5"]),
            SourceItem(key: "NEW", prices: [:]),
        ]
        let difference = try set.difference(to: fixture.staged(after, number: 2), modules: Module.allCases)
        #expect(
            difference[.products] == DatasetDifference(created: 1, updated: 0, removed: 1, unchanged: 2, total: 3))
        #expect(difference[.prices] == DatasetDifference(created: 0, updated: 1, removed: 1, unchanged: 2, total: 3))
        let batch = try #require(try difference.batches(of: .prices, mode: .delta).next())
        #expect(
            batch.rows.text
                == #"[{"product_code":"PRICE","price_list_code":"dealer","min_quantity":"1","#
                + #""price":{"amount":"2.5","currency":"DKK"}},"#
                + #"{"product_code":"GONE","price_list_code":"retail","min_quantity":"1","deleted":true}]"#)
        #expect(try set.survey(difference.staged, modules: [.prices]).missing.map(\.key) == ["GONE"])
    }

    @Test(arguments: 0..<12)
    func `differences played onto a shop give exactly the staged set`(seed: Int) throws {
        var random = SeededNumbers(state: UInt64(seed) &* 977 &+ 3)
        let set = try fixture.published()
        var shop = ModelShop()
        var world: [String: SourceItem] = [:]
        var known: [Module: Set<String>] = [:]
        for round in 1...8 {
            change(&world, &random)
            let modules = Module.allCases.filter { _ in Bool.random(using: &random) }
            var items = world.values.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            if Bool.random(using: &random) { items.shuffle(using: &random) }
            let staged = try fixture.staged(
                items, number: UInt64(round), token: Int64(round), modules: modules,
                pageSize: Int.random(in: 1...60, using: &random))
            let before = modules.reduce(into: Set<String>()) { $0.formUnion(known[$1, default: []]) }
            let survey = try set.survey(staged, modules: modules)
            #expect(survey.previousCount == before.count)
            #expect(survey.missingCount == survey.missing.count)
            #expect(Set(survey.missing.map(\.key)) == before.subtracting(world.keys.map(decoded)))
            for module in modules { known[module] = Set(world.keys.map(decoded)) }
            let difference = try set.difference(to: staged, modules: modules)
            var expected = ModelShop(rows: shop.rows)
            for module in modules {
                let figures = difference[module]
                let before = shop.rows[module, default: [:]]
                let count = try expected.receive(difference.batches(of: module, mode: .full), module, .full)
                #expect(count == figures.total)
                let sent = try shop.receive(difference.batches(of: module, mode: .delta), module, .delta)
                #expect(sent == figures.uploadCount(.delta))
                let after = expected.rows[module, default: [:]]
                let kept = after.filter { before[$0.key] != nil }
                #expect(figures.created == after.count - kept.count)
                #expect(figures.updated == kept.count { before[$0.key] != $0.value })
                #expect(figures.removed == before.count - kept.count)
                #expect(figures.created + figures.updated + figures.unchanged == figures.total)
                #expect(expected.rows[module] == shop.rows[module])
            }
            #expect(shop == expected)
            try set.adopt(
                staged, modules: modules, versions: [:], run: staged.run, token: Int64(round), at: fixture.now)
            #expect(try set.difference(to: staged, modules: modules).isEmpty)
            #expect(try set.survey(staged, modules: modules).missingCount == 0)
            if !modules.isEmpty { #expect(try set.survey(staged, modules: modules).previousCount == world.count) }
            staged.discard()
        }
    }

    /// A key as it reads, of a key as these tests write it into JSON.
    private func decoded(_ key: String) -> String { key.replacingOccurrences(of: "\\\"", with: "\"") }

    private func change(_ world: inout [String: SourceItem], _ random: inout SeededNumbers) {
        let codes = ["A", "æ\\\"", "0815", "a"]
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let key = codes.randomElement(using: &random)! + "\(Int.random(in: 0..<60, using: &random))"
            var item = SourceItem(key: key)
            item.name = "N\(Int.random(in: 0..<3, using: &random))"
            item.prices = [:]
            for list in 1...3 where Bool.random(using: &random) {
                item.prices[list] =
                    Bool.random(using: &random) ? "\(Int.random(in: 0...9, using: &random)).5" : .some(nil)
            }
            item.stock = [:]
            for code in ["01", "02", "03", "99"] where Bool.random(using: &random) {
                item.stock[code] = ("\(Int.random(in: -2...9, using: &random)).0", "1")
            }
            world[key] = item
        }
        for key in world.keys.sorted() where Int.random(in: 0..<6, using: &random) == 0 { world[key] = nil }
    }

    @Test func `chunks hold at most 500 rows and 900 kB, and come again the same`() throws {
        let names = (0..<1300).map { SourceItem(key: "K\($0)", name: String(repeating: "n", count: 1000 + $0)) }
        let staged = try fixture.staged(names, pageSize: 500)
        let set = try fixture.published()
        let difference = try set.difference(to: staged, modules: Module.allCases)
        for (module, mode) in [(Module.products, PublishMode.full), (.stock, .delta)] {
            let batches = try difference.batches(of: module, mode: mode)
            var all: [UploadBatch] = []
            while let batch = try batches.next() { all.append(batch) }
            #expect(all.map(\.rowCount).reduce(0, +) == 1300)
            #expect(all.allSatisfy { $0.rowCount <= 500 && $0.rows.count <= 900_000 })
            #expect(all.map(\.number) == Array(1...all.count))
            let again = try difference.batches(of: module, mode: mode)
            for batch in all { #expect(try again.next() == batch) }
            #expect(try again.next() == nil)
        }
    }

    @Test func `missing items are named in order, a thousand at most, and counted all`() throws {
        let set = try fixture.published()
        let items = (0..<1200).map { SourceItem(key: "K\(10_000 + $0)", name: "Name \($0)") }
        try adopt(set, fixture.staged(items, pageSize: 500))
        let missing = try set.survey(fixture.staged([items[5]], number: 2), modules: [.stock])
        #expect((missing.missing.count, missing.missingCount, missing.previousCount) == (1000, 1199, 1200))
        #expect(missing.missing.first == MissingItem(key: "K10000", name: "Name 0"))
    }

    @Test func `a run of prices alone can name what is missing`() throws {
        let set = try fixture.published()
        let items = [SourceItem(key: "A", name: "Ay"), SourceItem(key: "B", name: "Bee \\u00e6")]
        try adopt(set, fixture.staged(items, modules: [.prices]), [.prices])
        let next = try fixture.staged([items[0]], number: 2, modules: [.prices])
        #expect(try set.survey(next, modules: [.prices]).missing == [MissingItem(key: "B", name: "Bee æ")])
    }

    @Test func `an item a module never had is not missing from it`() throws {
        let set = try fixture.published()
        let both = [SourceItem(key: "A"), SourceItem(key: "B")]
        try adopt(set, fixture.staged(both, modules: [.products]), [.products])
        let prices = try fixture.staged([both[0]], number: 2, modules: [.prices])
        #expect(try set.survey(prices, modules: [.prices]) == Survey())
        #expect(try set.state?.known == [.products])
        #expect(throws: StagingError.otherMapping) { try set.difference(to: prices, modules: [.stock]) }
    }

    @Test func `a run that has been overtaken cannot be noted as published`() throws {
        let set = try fixture.published()
        try adopt(set, fixture.staged([SourceItem(key: "A")], number: 2, token: 5), token: 5)
        let late = try fixture.staged([SourceItem(key: "B")], number: 1, token: 4)
        #expect(throws: StagingError.superseded(highest: 5)) { try adopt(set, late, token: 4) }
        #expect(try set.survey(late, modules: [.stock]).missing.map(\.key) == ["A"])
        try set.forget()
        #expect(try set.state == nil)
        #expect(throws: StagingError.superseded(highest: 5)) { try adopt(set, late, token: 4) }
    }

    @Test(arguments: ["prepared", "removed", "inserted", "noted", "committed"])
    func `a crash while adopting leaves the old set or the new one`(point: String) throws {
        let set = try fixture.published()
        let old = try fixture.staged((0..<200).map { SourceItem(key: "K\($0)") }, number: 1)
        try adopt(set, old, token: 1)
        let new = try fixture.staged((100..<300).map { SourceItem(key: "K\($0)", name: "New") }, number: 2, token: 2)
        // What is on disk at that moment is what a killed process leaves behind.
        let copy = fixture.path + "/copy"
        let path = fixture.path
        let crash = CrashPoints { name in
            guard name == "staging.adopt.\(point)" else { return }
            try? FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            where file.contains(".published") && !file.hasSuffix("-shm") {
                try? FileManager.default.copyItem(atPath: "\(path)/\(file)", toPath: "\(copy)/\(file)")
            }
        }
        try set.adopt(
            new, modules: Module.allCases, versions: [.stock: "v2"], run: new.run, token: 2, at: fixture.now,
            crashPoints: crash)
        let survivor = try PublishedSet(folder: copy, connection: fixture.connection)
        let isNew = point == "committed"
        #expect(try survivor.state?.run == (isNew ? new.run : old.run))
        #expect(try survivor.difference(to: isNew ? new : old, modules: Module.allCases).isEmpty)
        try survivor.adopt(
            new, modules: Module.allCases, versions: [.stock: "v2"], run: new.run, token: 2, at: fixture.now)
        #expect(try survivor.difference(to: new, modules: Module.allCases).isEmpty)
    }

    // MARK: What was compared before the verdict

    private func set(_ set: PublishedSet, has count: Int, of staged: StagingFile, walksAgain: Bool) throws {
        let before = set.compared?.comparison.previousCount
        let number = set.prepared
        #expect(try set.survey(staged, modules: Module.allCases).previousCount == count)
        #expect((set.prepared != number) == walksAgain, "\(before ?? -1)")
    }

    @Test func `what was found before the verdict is found again only if the shop's set has changed`() throws {
        let mine = try fixture.published()
        let items = (0..<50).map { SourceItem(key: "K\(100 + $0)") }
        try adopt(mine, fixture.staged(items))
        let next = try fixture.staged(Array(items.dropFirst(3)), number: 2)
        try set(mine, has: 50, of: next, walksAgain: true)
        let walked = try #require(mine.compared?.version)
        #expect(try mine.difference(to: next, modules: Module.allCases)[.products].removed == 3)
        #expect(mine.compared?.version == walked)
        try set(mine, has: 50, of: next, walksAgain: false)

        let other = try fixture.published()
        try adopt(other, fixture.staged(Array(items.dropFirst(9)), number: 3), token: 2)
        let difference = try mine.difference(to: next, modules: Module.allCases)
        #expect((difference[.products].created, difference[.products].removed) == (6, 0))
        #expect(try mine.difference(to: next, modules: [.stock])[.products] == .zero)
        try set(mine, has: 41, of: next, walksAgain: true)
        try mine.forget()
        #expect(try mine.difference(to: next, modules: Module.allCases)[.products].created == 47)
    }

    @Test func `an adoption that is refused leaves nothing behind that a later one would believe`() throws {
        let set = try fixture.published()
        try adopt(set, fixture.staged([SourceItem(key: "A")], number: 2, token: 5), token: 5)
        let late = try fixture.staged([SourceItem(key: "B")], number: 1, token: 4)
        #expect(throws: StagingError.superseded(highest: 5)) { try adopt(set, late, token: 4) }
        try adopt(set, late, token: 6)
        #expect(try set.difference(to: late, modules: Module.allCases).isEmpty)
    }

    // MARK: The disk

    @Test func `a disk that is full is told as one, without SQLite's words or the file's name`() throws {
        let set = try fixture.published()
        try set.file.execute("PRAGMA max_page_count = 12")
        let staged = try fixture.staged((0..<2000).map { SourceItem(key: "K\($0)") }, pageSize: 500)
        let error = #expect(throws: StagingError.self) { try adopt(set, staged) }
        guard case .storage(let fault) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(fault.kind == .full)
        #expect(error?.serviceError.reason == "storage_full")
        #expect(error?.description == "the importer's disk is full (SQLite 13)")
        #expect(try set.state == nil)
        try set.file.execute("PRAGMA max_page_count = 100000")
        try adopt(set, staged)
        #expect(try set.difference(to: staged, modules: Module.allCases).isEmpty)
    }

    @Test func `a flush that failed is told at once`() throws {
        let told = Mutex<[StorageFault.Kind]>([])
        let set = try PublishedSet(folder: fixture.path, connection: fixture.connection) { fault in
            told.withLock { $0.append(fault.kind) }
        }
        #expect(throws: StagingError.self) { try set.file.check(SQLITE_IOERR | 3 << 8) }
        #expect(told.withLock { $0 } == [])
        #expect(throws: StagingError.self) { try set.file.check(SQLITE_IOERR | 4 << 8) }
        #expect(told.withLock { $0 } == [.notKept])
    }

    @Test func `the set is kept durably and survives being closed`() throws {
        let set = try fixture.published()
        #expect(try set.file.integer("PRAGMA main.synchronous") == 2)
        #expect(try set.file.text("PRAGMA journal_mode") == "wal")
        let staged = try fixture.staged([SourceItem(key: "A")])
        try adopt(set, staged)
        set.close()
        #expect(try fixture.published().difference(to: staged, modules: Module.allCases).isEmpty)
    }

    @Test func `the shop's own list names what is missing, and everything travels`() throws {
        let set = try fixture.published()
        for page in [[(key: "gone", name: "by another list")], [(key: "B", name: "Bee")]] {
            try set.beginShopList()
            try set.takeShopList(page)
        }
        try set.takeShopList([(key: "A", name: "Ay")])
        try set.recordShopList(
            modules: [.products], versions: [.products: "7"], run: StagingFixture.run(1), token: 1, at: fixture.now)
        #expect(try set.state?.known == [])
        #expect(try set.state?.versions == [.products: "7"])
        let staged = try fixture.staged([SourceItem(key: "A")], modules: [.products])
        #expect(try set.survey(staged, modules: [.products]).missing == [MissingItem(key: "B", name: "Bee")])
        let difference = try set.difference(to: staged, modules: [.products])
        #expect(
            difference[.products] == DatasetDifference(created: 0, updated: 1, removed: 1, unchanged: 0, total: 1))
    }

    @Test func `rows that are not those that were judged do not travel`() throws {
        let staged = try fixture.staged((0..<3).map { SourceItem(key: "K\($0)") })
        try staged.file.execute("UPDATE item SET products = x'00112233445566778899aabbccddeeff' WHERE key = 'K1'")
        let difference = try fixture.published().difference(to: staged, modules: [.products])
        let batches = try difference.batches(of: .products, mode: .full)
        #expect(throws: StagingError.damaged("the rows of an item are not those that were judged")) {
            while try batches.next() != nil {}
        }
    }

    @Test func `batches end with their difference`() throws {
        let set = try fixture.published()
        let staged = try fixture.staged((0..<3).map { SourceItem(key: "K\($0)") })
        let batches = try set.difference(to: staged, modules: [.stock]).batches(of: .stock, mode: .delta)
        _ = try set.difference(to: staged, modules: [.stock])
        #expect(throws: StagingError.notSealed) { try batches.next() }
        #expect(throws: StagingError.notSealed) { try set.difference(to: fixture.newFile(9), modules: [.stock]) }
    }
}
