import RPC
import SandboxAPI
import Testing

@testable import SandboxService

/// The shop without staging: rows in batches, each for itself.
@Suite struct DirectShopTests {
    @Test func `rows are live at once, each for itself, and answered in order`() async throws {
        let shop = try await DirectShopCaller()
        let answer = try await shop.batch(create: products(0..<3) + [["code": "BAD"]])
        let created = answer["create"]?.elements ?? []
        #expect(created.map { $0["error"]?["code"]?.text } == [nil, nil, nil, "missing_field"])
        #expect(created.prefix(3).map { $0["revision"]?.int } == [1, 2, 3])
        #expect(try await shop.json("GET", "products/count")["count"]?.int == 3)
        #expect(try await shop.codes() == ["P10000", "P10001", "P10002"])
    }

    @Test func `what is there cannot be created, and what is not cannot be changed or removed`() async throws {
        let shop = try await DirectShopCaller()
        _ = try await shop.batch(create: products(0..<1))
        let answer = try await shop.batch(
            create: products(0..<1), update: products(1..<2), delete: [["code": "P10009"]])
        #expect(answer["create"]?[0]?["error"]?["code"]?.text == "already_exists")
        #expect(answer["update"]?[0]?["error"]?["code"]?.text == "not_found")
        #expect(answer["delete"]?[0]?["error"]?["code"]?.text == "not_found")
    }

    @Test func `a row that was changed meanwhile is not overwritten by whoever names the older revision`() async throws
    {
        let shop = try await DirectShopCaller()
        _ = try await shop.batch(create: products(0..<1))
        _ = try await shop.batch(update: products(0..<1, name: "Second"))
        let stale: SimJSON = ["code": "P10000", "name": "Third", "if_revision": 1]
        #expect(try await shop.batch(update: [stale])["update"]?[0]?["error"]?["code"]?.text == "revision_changed")
        let row = try await shop.json("POST", "products/lookup", ["keys": [["code": "P10000"], ["code": "P10001"]]])
        #expect(row["items"]?[0]?["name"]?.text == "Second 0")
        #expect(row["items"]?[0]?["revision"]?.int == 2)
        #expect(row["items"]?[1]?.isNull == true)
        let fresh: SimJSON = ["code": "P10000", "name": "Third", "if_revision": 2]
        #expect(try await shop.batch(update: [fresh])["update"]?[0]?["revision"]?.int == 3)
    }

    @Test func `a list goes on behind its last key whatever is written meanwhile`() async throws {
        let shop = try await DirectShopCaller()
        _ = try await shop.batch(create: products(0..<90))
        let first = try await shop.json("GET", "products?limit=40")
        _ = try await shop.batch(create: products(90..<95), delete: [["code": "P10003"]])
        let cursor = try #require(first["next_cursor"]?.text)
        let second = try await shop.json("GET", "products?limit=500&cursor=\(cursor)")
        #expect(first["items"]?.elements?.count == 40)
        #expect(second["items"]?.elements?.count == 55)
        #expect(try await shop.json("GET", "products/count?since_revision=90")["count"]?.int == 5)
    }

    @Test func `batches and look-ups have at most a hundred rows`() async throws {
        let shop = try await DirectShopCaller()
        #expect(await shop.call("POST", "products/batch", ["create": .array(products(0..<101))]).status == 413)
        let keys = products(0..<101)
        #expect(await shop.call("POST", "products/lookup", ["keys": .array(keys)]).status == 413)
        #expect(try await shop.json("GET", "system")["limits"]?["max_batch"]?.int == 100)
        #expect(await shop.call("GET", "products?limit=501").status == 422)
        #expect(await shop.call("GET", "products?fields=key&limit=5000").status == 200)
    }

    @Test func `a batch that breaks leaves the rows before it live`() async throws {
        let shop = try await DirectShopCaller()
        try await shop.fixture.misbehave("direct", Fault(.failInBatch, page: 4, times: 1))
        #expect(await shop.call("POST", "products/batch", ["create": .array(products(0..<9))]).status == 500)
        #expect(try await shop.codes() == ["P10000", "P10001", "P10002"])
    }

    @Test func `a batch whose answer is lost has taken effect`() async throws {
        let shop = try await DirectShopCaller()
        try await shop.fixture.misbehave("direct", Fault(.dropAfterBatch, times: 1))
        let response = await shop.call("POST", "products/batch", ["create": .array(products(0..<2))])
        #expect(response.delivery == .cutAtOnce)
        #expect(try await shop.codes().count == 2)
    }

    @Test func `a refused row is refused however often it is sent, and may still be removed`() async throws {
        let shop = try await DirectShopCaller()
        _ = try await shop.batch(create: products(0..<2))
        try await shop.fixture.misbehave("direct", Fault(.refuseRow, target: "P10001"))
        for _ in 1...2 {
            let answer = try await shop.batch(update: products(0..<2, name: "New"))
            #expect(answer["update"]?.elements?.map { $0["error"]?["code"]?.text } == [nil, "row_refused"])
        }
        #expect(try await shop.batch(delete: [["code": "P10001"]])["delete"]?[0]?["error"] == nil)
    }

    @Test func `somebody may be quicker`() async throws {
        let shop = try await DirectShopCaller()
        _ = try await shop.batch(create: products(0..<1))
        try await shop.fixture.misbehave("direct", Fault(.editBeforeBatch, times: 1))
        let update: SimJSON = ["code": "P10000", "name": "Ours", "if_revision": 1]
        #expect(try await shop.batch(update: [update])["update"]?[0]?["error"]?["code"]?.text == "revision_changed")
        let rows = try await shop.fixture.caller.call(ListShopRows(system: "direct", dataset: "products")).rows
        #expect(rows.first?.contains("edited by hand") == true)
    }

    @Test func `key, rights and rate are checked as at the other shop`() async throws {
        let shop = try await DirectShopCaller { $0.scopes = ["catalog:read"] }
        #expect(await shop.call("POST", "products/batch", [:]).status == 403)
        #expect(await shop.call("POST", "products/lookup", ["keys": []]).status == 200)
        var stranger = shop
        stranger.key = "wrong"
        #expect(await stranger.call("GET", "products").status == 401)
        #expect(await stranger.call("GET", "status").status == 200)
        let slow = try await DirectShopCaller { $0.requestsPerSecond = 1 }
        for _ in 1...2 { #expect(await slow.call("GET", "products").status == 200) }
        #expect(await slow.call("GET", "products").status == 429)
    }

    @Test func `it is described like any shop, and takes only faults of its own`() async throws {
        let shop = try await DirectShopCaller()
        _ = try await shop.batch(create: products(0..<5))
        let described = try await shop.fixture.caller.call(DescribeShop(system: "direct"))
        #expect(described.datasets.first { $0.name == "products" }?.count == 5)
        #expect(described.openImports.isEmpty)
        let listed = try await shop.fixture.caller.call(ListSystems()).systems
        #expect(listed.map(\.items) == [5])
        #expect(Fault(.failCommit).problem(at: .directWebshop) != nil)
        #expect(Fault(.failInBatch, page: 1).problem(at: .genericWebshop) != nil)
    }
}

struct DirectShopCaller: Sendable {
    let fixture: SandboxFixture
    var key = "wsk_sandbox"

    init(_ change: (inout CreateSystem) -> Void = { _ in }) async throws {
        fixture = try await SandboxFixture()
        var definition = CreateSystem(name: "direct", kind: .directWebshop)
        change(&definition)
        _ = try await fixture.caller.call(definition)
    }

    func call(_ method: String, _ path: String, _ body: SimJSON? = nil) async -> SimResponse {
        await fixture.sandbox.respond(
            to: SimRequest(
                method: method, target: "/direct/rest/v1/" + encoded(path),
                headers: ["Authorization": "Bearer \(key)"], body: body?.bytes ?? []))
    }

    func json(_ method: String, _ path: String, _ body: SimJSON? = nil) async throws -> SimJSON {
        try SimJSON(parsing: await call(method, path, body).body)
    }

    func batch(
        create: [SimJSON] = [], update: [SimJSON] = [], delete: [SimJSON] = []
    ) async throws -> SimJSON {
        try await json(
            "POST", "products/batch",
            ["create": .array(create), "update": .array(update), "delete": .array(delete)])
    }

    func codes() async throws -> [String] {
        try await json("GET", "products?limit=500")["items"]?.elements?.compactMap { $0["code"]?.text } ?? []
    }
}
