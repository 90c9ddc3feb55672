import SandboxAPI
import Testing

@testable import SandboxService

/// Lists of keys alone, and shops that do not show what they were given.
@Suite struct KeyListTests {
    private func codes(_ shop: Shop, _ query: String) async throws -> [String] {
        var codes: [String] = []
        var cursor: String?
        repeat {
            let place = cursor.map { "&cursor=\($0)" } ?? ""
            let page = try await shop.json("GET", "products?fields=key&\(query)\(place)")
            for item in page["items"]?.elements ?? [] {
                guard case .object(let members) = item else { continue }
                #expect(members.map(\.name) == ["code"])
                codes += members.compactMap(\.value.text)
            }
            cursor = page["next_cursor"]?.text
        } while cursor != nil
        return codes
    }

    @Test func `keys come alone, each once, in larger pages than rows`() async throws {
        let shop = try await SandboxFixture.shop()
        #expect(try await shop.publish(products(0..<750), key: "a").status == 200)
        for limit in ["limit=100", "limit=750", "limit=5000"] {
            let codes = try await codes(shop, limit)
            #expect(codes.count == 750)
            #expect(Set(codes).count == 750)
        }
        #expect(await shop.call("GET", "products?fields=key&limit=5001").status == 422)
        #expect(await shop.call("GET", "products?limit=501").status == 422)
        #expect(await shop.call("GET", "products?fields=name").status == 422)
        #expect(try await shop.json("GET", "meta")["limits"]?["max_key_limit"]?.int == 5000)
    }

    @Test func `rows that are lost after the commit are gone from count and list, though its answer knows them`()
        async throws
    {
        let shop = try await SandboxFixture.shop()
        try await shop.fixture.misbehave("shop", Fault(.dropRowsAfterCommit, count: 2, target: "products", times: 1))
        let answer = try SimJSON(parsing: await shop.publish(products(0..<9), key: "a").body)
        #expect(answer["count"]?.int == 9)
        #expect(try await shop.json("GET", "products/count")["count"]?.int == 7)
        #expect(try await codes(shop, "limit=100").count == 7)
        #expect(try await shop.publish(products(0..<9), key: "b").status == 200)
        #expect(try await codes(shop, "limit=100").count == 9)
    }

    @Test func `rows that nobody sent are there after the commit`() async throws {
        let shop = try await SandboxFixture.shop()
        try await shop.fixture.misbehave("shop", Fault(.inventRowsAfterCommit, count: 3))
        #expect(try await shop.publish(products(0..<9), key: "a").status == 200)
        #expect(try await codes(shop, "limit=100").filter { $0.hasPrefix("GHOST-") }.count == 3)
        #expect(try await shop.json("GET", "datasets/products")["count"]?.int == 12)
    }

    @Test func `aborting with a higher token shuts out the lower one`() async throws {
        let shop = try await SandboxFixture.shop()
        let id = try SimJSON(parsing: await shop.open(expected: 1, key: "a", token: 3).body)["id"]?.text ?? ""
        #expect(await shop.call("POST", "imports/\(id)/abort", ["fencing_token": 7]).status == 200)
        #expect(await shop.open(expected: 1, key: "b", token: 6).status == 409)
        #expect(await shop.open(expected: 1, key: "c", token: 7).status == 201)
    }
}

/// Answers without end: in pages, in bytes, in time.
@Suite struct PoisonTests {
    private static let listing = "Items?$filter=\(sellable)&$orderby=ItemCode&$select=ItemCode"

    @Test func `invented pages are full, never repeat a code and always go on`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.endlessPages))
        var codes: Set<String> = []
        var next: String? = Self.listing
        for _ in 1...8 {
            let page = try await company.json(try #require(next), pageSize: 50)
            let rows = page["value"]?.elements?.compactMap { $0["ItemCode"]?.text } ?? []
            #expect(rows.count == 50)
            codes.formUnion(rows)
            next = page["@odata.nextLink"]?.text
        }
        #expect(codes.count == 400)
        #expect(next != nil)
    }

    @Test func `a repeated page has the rows of the first and goes on`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.repeatPage, page: 2))
        let second = try await company.json(Self.listing + "&$skip=50", pageSize: 50)
        let sixth = try await company.json(Self.listing + "&$skip=250", pageSize: 50)
        #expect(second["value"] == sixth["value"])
        #expect(sixth["@odata.nextLink"]?.text != nil)
    }

    @Test func `a huge page is told by its unit, not held`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.hugePage, count: 2_048))
        let response = await company.get(Self.listing, pageSize: 50)
        guard case .repeating(let unit, let times) = response.delivery else {
            Issue.record("not repeated")
            return
        }
        #expect(unit.count * times > 2_000 << 20)
        #expect(response.body.count + unit.count < 10_000)
        let page = try SimJSON(parsing: response.body + unit + unit + Array("]}".utf8))
        #expect(page["value"]?.elements?.count == 3)
    }
}
