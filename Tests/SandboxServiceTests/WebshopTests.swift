import CoreTypes
import RPC
import SandboxAPI
import TestSupport
import Testing

@testable import SandboxService

@Suite struct WebshopAccessTests {
    @Test func `without the right key everything but health is 401`() async throws {
        var shop = try await SandboxFixture.shop()
        shop.key = "wrong"
        let answer = await shop.call("GET", "meta")
        #expect(answer.status == 401)
        #expect(answer.headers["WWW-Authenticate"] == "Bearer")
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        #expect(try SimJSON(parsing: answer.body)["code"]?.text == "unauthorized")
        #expect(await shop.call("GET", "healthz").status == 200)
    }

    @Test func `a key without the scope is 403`() async throws {
        let shop = try await SandboxFixture.shop { $0.scopes = ["catalog:read"] }
        #expect(await shop.call("GET", "products").status == 200)
        #expect(await shop.open(expected: 1, key: "a").status == 403)
    }

    @Test func `each answer carries a request id, the client's if it sent one`() async throws {
        let shop = try await SandboxFixture.shop()
        #expect(await shop.call("GET", "meta").headers["X-Request-Id"]?.hasPrefix("req_") == true)
        let request = SimRequest(
            method: "GET", target: "/shop/api/v1/meta",
            headers: ["Authorization": "Bearer wsk_sandbox", "X-Request-Id": "mine"])
        #expect(await shop.fixture.sandbox.respond(to: request).headers["X-Request-Id"] == "mine")
    }

    @Test func `meta tells the limits and the time`() async throws {
        let meta = try await SandboxFixture.shop().json("GET", "meta")
        #expect(meta["limits"]?["max_chunk_rows"]?.int == 5000)
        #expect(meta["time"]?.text == "2026-03-02T06:00:00.000Z")
    }

    @Test func `the bucket runs empty, says when to come again, and fills up`() async throws {
        let shop = try await SandboxFixture.shop { $0.requestsPerSecond = 2 }
        for left in [3, 2, 1, 0] {
            #expect(await shop.call("GET", "meta").headers["RateLimit-Remaining"] == "\(left)")
        }
        let refused = await shop.call("GET", "meta")
        #expect(refused.status == 429)
        #expect(refused.headers["Retry-After"] == "1")
        shop.fixture.clock.advance(by: .seconds(1))
        #expect(await shop.call("GET", "meta").status == 200)
    }
}

@Suite struct ImportSessionTests {
    @Test func `a full import becomes live with its commit, not before`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 150, key: "a").body)["id"]?.text ?? ""
        #expect(await shop.put(id, 1, products(0..<100)).status == 200)
        let second = try SimJSON(parsing: await shop.put(id, 2, products(100..<150)).body)
        #expect(second["staged_count"]?.int == 150)
        #expect(try await shop.json("GET", "products/count")["count"]?.int == 0)
        let committed = try await shop.json("POST", "imports/\(id)/commit", ["actual_count": 150, "chunks": 2])
        #expect(committed["live_version"]?.int == 1 && committed["count"]?.int == 150)
        #expect(try await shop.json("GET", "products/count")["count"]?.int == 150)
        #expect(try await shop.json("GET", "datasets/products")["import_id"]?.text == id)
        #expect(try await shop.json("GET", "products/P10007")["name"]?.text == "Vare 7")
    }

    @Test func `a repeated commit has the same answer and no second effect`() async throws {
        let shop = try await SandboxFixture.shop()
        let first = try await shop.publish(products(0..<10), key: "a")
        let id = try #require(try SimJSON(parsing: first.body)["id"]?.text)
        let again = await shop.call("POST", "imports/\(id)/commit", ["actual_count": 10])
        #expect(again.status == 200 && again.body == first.body)
        #expect(try await shop.json("GET", "datasets/products")["live_version"]?.int == 1)
    }

    @Test func `a chunk sent twice counts once, with other rows it is refused`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 10, key: "a").body)["id"]?.text ?? ""
        let first = await shop.put(id, 1, products(0..<10))
        #expect(await shop.put(id, 1, products(0..<10)).body == first.body)
        #expect(await shop.put(id, 1, products(5..<15)).status == 409)
        #expect(try await shop.json("GET", "imports/\(id)")["staged_count"]?.int == 10)
    }

    @Test func `a checksum that does not fit the bytes is refused`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 1, key: "a").body)["id"]?.text ?? ""
        let body: SimJSON = ["rows": .array(products(0..<1)), "checksum": "sha256:00"]
        #expect(await shop.call("PUT", "imports/\(id)/chunks/1", body).status == 422)
    }

    @Test(arguments: [9, 11])
    func `a count that is not the expected one leaves the shop as it was`(actual: Int) async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.publish(products(0..<10), key: "a")
        let before = try await shop.digest()
        let id = try SimJSON(parsing: await shop.open(expected: 10, key: "b").body)["id"]?.text ?? ""
        _ = await shop.put(id, 1, products(20..<(20 + actual)))
        let answer = await shop.call("POST", "imports/\(id)/commit", ["actual_count": SimJSON(actual)])
        #expect(answer.status == 409)
        let problem = try SimJSON(parsing: answer.body)
        #expect(problem["code"]?.text == "count_mismatch" && problem["distinct_count"]?.int == actual)
        #expect(try await shop.digest() == before)
        let session = try await shop.json("GET", "imports/\(id)")
        #expect(session["state"]?.text == "failed" && session["distinct_count"]?.int == 0)
    }

    @Test func `a key that came twice is not two products`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 10, key: "a").body)["id"]?.text ?? ""
        _ = await shop.put(id, 1, products(0..<9) + products(0..<1))
        #expect(try await shop.json("GET", "imports/\(id)")["distinct_count"]?.int == 9)
        #expect(await shop.call("POST", "imports/\(id)/commit", ["actual_count": 10]).status == 409)
    }

    @Test func `a rejected row is named and blocks the commit`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 2, key: "a").body)["id"]?.text ?? ""
        let answer = try SimJSON(parsing: await shop.put(id, 1, products(0..<1) + [["code": "X"]]).body)
        #expect(answer["accepted"]?.int == 1 && answer["rejected"]?[0]?["row"]?.int == 1)
        #expect(await shop.call("POST", "imports/\(id)/commit", ["actual_count": 2]).status == 409)
    }

    @Test func `the same idempotency key opens one session, another body is refused`() async throws {
        let shop = try await SandboxFixture.shop()
        let first = await shop.open(expected: 10, key: "a")
        let again = await shop.open(expected: 10, key: "a")
        #expect(first.status == 201 && again.status == 201 && first.body == again.body)
        #expect(again.headers["Idempotent-Replayed"] == "true")
        let other = await shop.call(
            "POST", "imports", ["dataset": "stock", "mode": "full", "expected_count": 1], idempotencyKey: "a")
        #expect(try SimJSON(parsing: other.body)["code"]?.text == "idempotency_mismatch")
        #expect(await shop.call("POST", "imports", ["dataset": "stock"]).status == 422)
    }

    @Test func `a second session for a data set names the first and whose it is`() async throws {
        let shop = try await SandboxFixture.shop()
        let first = try SimJSON(parsing: await shop.open(expected: 1, key: "a", token: 4).body)
        let second = await shop.open(expected: 1, key: "b", token: 4)
        #expect(second.status == 409)
        let problem = try SimJSON(parsing: second.body)
        #expect(problem["import_id"] == first["id"])
        #expect(problem["source"]?["fencing_token"]?.int == 4 && problem["source"]?["run_id"]?.text == "run_a")
        #expect(await shop.open("stock", expected: 1, key: "c").status == 201)
    }

    @Test func `half an hour without activity ends a session`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 2, key: "a").body)["id"]?.text ?? ""
        shop.fixture.clock.advance(by: .seconds(29 * 60))
        #expect(await shop.put(id, 1, products(0..<1)).status == 200)
        shop.fixture.clock.advance(by: .seconds(29 * 60))
        #expect(await shop.put(id, 2, products(1..<2)).status == 200)
        shop.fixture.clock.advance(by: .seconds(30 * 60))
        #expect(await shop.call("POST", "imports/\(id)/commit", ["actual_count": 2]).status == 410)
        #expect(try await shop.json("GET", "imports/\(id)")["state"]?.text == "expired")
        #expect(await shop.open(expected: 1, key: "b").status == 201)
    }

    @Test func `an aborted session is gone, and aborting it again is no error`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 1, key: "a").body)["id"]?.text ?? ""
        for _ in 0..<2 { #expect(await shop.call("POST", "imports/\(id)/abort", ["reason": "test"]).status == 200) }
        #expect(await shop.put(id, 1, products(0..<1)).status == 409)
        #expect(await shop.open(expected: 1, key: "b").status == 201)
    }

    @Test func `a newer run fences the older one`() async throws {
        let shop = try await SandboxFixture.shop()
        let old = try SimJSON(parsing: await shop.open(expected: 1, key: "old", token: 7).body)["id"]?.text ?? ""
        _ = await shop.put(old, 1, products(0..<1))
        #expect(await shop.open("stock", expected: 1, key: "new", token: 8).status == 201)
        let late = await shop.call("POST", "imports/\(old)/commit", ["actual_count": 1])
        #expect(late.status == 409)
        #expect(try SimJSON(parsing: late.body)["code"]?.text == "superseded")
        #expect(await shop.put(old, 2, products(1..<2)).status == 409)
        let open = await shop.open("prices", expected: 1, key: "late", token: 7)
        #expect(try SimJSON(parsing: open.body)["code"]?.text == "superseded")
        #expect(await shop.open("prices", expected: 1, key: "other", token: 1, connection: "con_2").status == 201)
    }

    @Test func `an older run cannot abort the session of a newer one`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 1, key: "a", token: 8).body)["id"]?.text ?? ""
        #expect(await shop.call("POST", "imports/\(id)/abort", ["fencing_token": 7]).status == 409)
        #expect(await shop.call("POST", "imports/\(id)/abort", ["fencing_token": 9]).status == 200)
    }

    @Test func `delta adds, changes and deletes what it names and leaves the rest`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.publish(products(0..<10), key: "a")
        let answer = try await shop.publish(
            products(9..<11, name: "Ny") + [
                ["code": "P10000", "deleted": true], ["code": "P99999", "deleted": true],
            ],
            mode: "delta", key: "b")
        #expect(try SimJSON(parsing: answer.body)["count"]?.int == 10)
        #expect(await shop.call("GET", "products/P10000").status == 404)
        #expect(try await shop.json("GET", "products/P10009")["name"]?.text == "Ny 9")
        #expect(try await shop.json("GET", "products/P10005")["name"]?.text == "Vare 5")
        let changes = try await shop.json(
            "GET", "products?include_deleted=true&updated_since=2026-03-02T06:00:00Z&limit=500")
        #expect(
            changes["items"]?.elements?.contains { $0["code"]?.text == "P10000" && $0["deleted_at"] != nil } == true)
    }

    @Test func `a shrinking full import is refused unless allowed, and the session stays open`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.publish(products(0..<100), key: "a")
        #expect(try await shop.publish(products(0..<80), key: "b").status == 200)
        let refused = try await shop.publish(products(0..<63), key: "c")
        #expect(try SimJSON(parsing: refused.body)["code"]?.text == "shrink_guard")
        #expect(try await shop.json("GET", "products/count")["count"]?.int == 80)
        let id = try SimJSON(parsing: refused.body)["import_id"]?.text ?? ""
        #expect(
            await shop.call("POST", "imports/\(id)/commit", ["actual_count": 63, "allow_shrink": true]).status == 200)
    }

    @Test func `the row keys of prices and stock have several parts`() async throws {
        let shop = try await SandboxFixture.shop()
        let prices: [SimJSON] = ["1", "10"].map {
            [
                "product_code": "A", "price_list_code": "retail", "min_quantity": .string($0),
                "price": ["amount": "0.0000001", "currency": "DKK"],
            ]
        }
        #expect(try await shop.publish(prices, to: "prices", key: "a").status == 200)
        let stock: [SimJSON] = [["product_code": "A", "warehouse_code": "main", "available": "-3.5"]]
        #expect(try await shop.publish(stock, to: "stock", key: "b").status == 200)
        #expect(try await shop.json("GET", "prices?product_code=A")["items"]?.elements?.count == 2)
        #expect(try await shop.json("GET", "stock/count?product_code=B")["count"]?.int == 0)
        let number: [SimJSON] = [["product_code": "A", "warehouse_code": "main", "available": 3]]
        #expect(try await shop.publish(number, to: "stock", mode: "delta", key: "c").status == 409)
    }
}
