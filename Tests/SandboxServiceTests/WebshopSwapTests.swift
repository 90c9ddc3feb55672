import CoreTypes
import RPC
import SandboxAPI
import TestSupport
import Testing

@testable import SandboxService

@Suite struct AtomicSwapTests {
    /// Opens and fills sessions of one run.
    private func fill(_ shop: Shop, stockRows: Int, key: String) async throws -> (ids: [String], counts: SimJSON) {
        let first = try SimJSON(parsing: await shop.open(expected: 5, key: key + "p").body)["id"]?.text ?? ""
        _ = await shop.put(first, 1, products(0..<5, name: key))
        let second = try SimJSON(parsing: await shop.open("stock", expected: 5, key: key + "s").body)["id"]?.text ?? ""
        let rows: [SimJSON] = (0..<stockRows).map {
            ["product_code": .string("P1000\($0)"), "warehouse_code": "main", "available": "1"]
        }
        _ = await shop.put(second, 1, rows)
        return ([first, second], .object([SimMember(first, 5), SimMember(second, SimJSON(stockRows))]))
    }

    @Test func `several data sets become live together`() async throws {
        let shop = try await SandboxFixture.shop()
        let (ids, counts) = try await fill(shop, stockRows: 5, key: "a")
        let body: SimJSON = ["ids": .array(ids.map(SimJSON.string)), "actual_counts": counts]
        let answer = await shop.call("POST", "imports/commit", body)
        #expect(answer.status == 200)
        #expect(try SimJSON(parsing: answer.body)["results"]?.elements?.count == 2)
        #expect(await shop.call("POST", "imports/commit", body).body == answer.body)
        #expect(try await shop.json("GET", "stock/count")["count"]?.int == 5)
    }

    @Test func `one that does not fit stops all of them`() async throws {
        let shop = try await SandboxFixture.shop()
        let before = try await shop.digest()
        let (ids, counts) = try await fill(shop, stockRows: 4, key: "a")
        let body: SimJSON = ["ids": .array(ids.map(SimJSON.string)), "actual_counts": counts]
        #expect(await shop.call("POST", "imports/commit", body).status == 409)
        #expect(try await shop.digest() == before)
        for id in ids { #expect(try await shop.json("GET", "imports/\(id)")["state"]?.text == "failed") }
    }

    @Test func `readers who page see one version whole while others commit`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.publish(products(0..<400), key: "0")
        let seen = try await withThrowingTaskGroup(of: [(codes: [String], versions: Set<Int>)].self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var seen: [(codes: [String], versions: Set<Int>)] = []
                    for _ in 0..<4 { seen.append(try await shop.readAll("products", limit: 60)) }
                    return seen
                }
            }
            for round in 1...3 {
                let rows = products((round * 30)..<(round * 30 + 400), name: "R\(round)")
                let answer = try await shop.publish(rows, key: "\(round)")
                #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(seen.count == 12)
        for reading in seen {
            #expect(reading.versions.count == 1)
            let version = try #require(reading.versions.first)
            let numbers = ((version - 1) * 30)..<((version - 1) * 30 + 400)
            #expect(reading.codes.first == "P\(10_000 + numbers.lowerBound)", "version \(version)")
            #expect(reading.codes == numbers.map { "P\(10_000 + $0)" })
        }
    }

    @Test func `a rollback brings back the version before, byte for byte`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.publish(products(0..<10), key: "a")
        let first = try await shop.digest()
        try await shop.publish(products(5..<14, name: "Ny"), key: "b")
        #expect(try await shop.digest() != first)
        #expect(try await shop.json("POST", "datasets/products/rollback")["live_version"]?.int == 1)
        #expect(try await shop.digest() == first)
        #expect(await shop.call("POST", "datasets/products/rollback").status == 409)
        let third = try await shop.publish(products(0..<12), key: "c")
        #expect(try SimJSON(parsing: third.body)["live_version"]?.int == 3)
    }

    @Test func `three versions before the live one are kept`() async throws {
        let shop = try await SandboxFixture.shop()
        for round in 1...6 { try await shop.publish(products(0..<10, name: "R\(round)"), key: "\(round)") }
        for version in [5, 4, 3] {
            #expect(try await shop.json("POST", "datasets/products/rollback")["live_version"]?.int == version)
            #expect(try await shop.json("GET", "products/P10000")["name"]?.text == "R\(version) 0")
        }
        #expect(await shop.call("POST", "datasets/products/rollback").status == 409)
    }

    @Test func `the same rows again change nothing but the version`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.publish(products(0..<10), key: "a")
        let before = try await shop.digest()
        shop.fixture.clock.advance(by: .seconds(60))
        try await shop.publish(products(0..<10).reversed(), key: "b")
        #expect(try await shop.digest() == before)
        #expect(try await shop.json("GET", "products/P10000")["updated_at"]?.text == "2026-03-02T06:00:00.000Z")
    }
}

@Suite struct WebshopFaultTests {
    @Test func `a chunk that fails is not stored and can be sent again`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.fixture.misbehave("shop", Fault(.failOnChunk, page: 2, times: 1))
        let id = try SimJSON(parsing: await shop.open(expected: 2, key: "a").body)["id"]?.text ?? ""
        #expect(await shop.put(id, 1, products(0..<1)).status == 200)
        #expect(await shop.put(id, 2, products(1..<2)).status == 500)
        #expect(try await shop.json("GET", "imports/\(id)")["staged_count"]?.int == 1)
        #expect(await shop.put(id, 2, products(1..<2)).status == 200)
    }

    @Test func `a failed commit changes nothing`() async throws {
        let shop = try await SandboxFixture.shop()
        let before = try await shop.digest()
        try await shop.fixture.misbehave("shop", Fault(.failCommit))
        #expect(try await shop.publish(products(0..<5), key: "a").status == 500)
        #expect(try await shop.digest() == before)
    }

    @Test func `a commit whose answer is lost has taken effect and can be asked again`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.fixture.misbehave("shop", Fault(.dropAfterCommit, times: 1))
        #expect(try await shop.publish(products(0..<5), key: "a").delivery == .cutAtOnce)
        #expect(try await shop.json("GET", "products/count")["count"]?.int == 5)
        let id = try await shop.json("GET", "datasets/products")["import_id"]?.text ?? ""
        #expect(await shop.call("POST", "imports/\(id)/commit", ["actual_count": 5]).status == 200)
    }

    @Test func `open sessions expire on order`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 1, key: "a").body)["id"]?.text ?? ""
        try await shop.fixture.misbehave("shop", Fault(.expireImports, times: 1))
        #expect(await shop.put(id, 1, products(0..<1)).status == 410)
    }
}
