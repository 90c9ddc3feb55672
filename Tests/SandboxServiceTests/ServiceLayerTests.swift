import CoreTypes
import RPC
import SandboxAPI
import TestSupport
import Testing

@testable import SandboxService

@Suite struct ServiceLayerSessionTests {
    @Test func `a login answers with the session in the body and both cookies`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let body = #"{"CompanyDB":"SBODEMO","UserName":"manager","Password":"sandbox"}"#
        let answer = await company.fixture.sandbox.respond(
            to: SimRequest(method: "POST", target: "/sap/b1s/v2/Login", body: Array(body.utf8)))
        #expect(answer.status == 200)
        let json = try SimJSON(parsing: answer.body)
        let id = try #require(json["SessionId"]?.text)
        #expect(json["SessionTimeout"]?.int == 30)
        #expect(
            answer.headers.all("Set-Cookie").contains { $0.hasPrefix("B1SESSION=\(id)") && $0.contains("HttpOnly") })
        #expect(answer.headers.all("Set-Cookie").contains { $0.hasPrefix("ROUTEID=.node1") })
    }

    @Test func `a wrong password is refused with code 100000027`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let body = #"{"CompanyDB":"SBODEMO","UserName":"manager","Password":"wrong"}"#
        let answer = await company.fixture.sandbox.respond(
            to: SimRequest(method: "POST", target: "/sap/b1s/v2/Login", body: Array(body.utf8)))
        #expect(answer.status == 401)
        #expect(try SimJSON(parsing: answer.body)["error"]?["code"]?.text == "100000027")
    }

    @Test(arguments: ["", "B1SESSION=unknown; ROUTEID=.node1"])
    func `without a standing session every call answers 401 with code 301`(cookies: String) async throws {
        var company = try await SandboxFixture.company(items: 1)
        company.cookies = cookies
        let answer = await company.get("Items")
        #expect(answer.status == 401)
        #expect(try SimJSON(parsing: answer.body)["error"]?["code"]?.text == "301")
    }

    @Test func `each of the two cookies is needed`() async throws {
        var company = try await SandboxFixture.company(items: 1)
        let both = company.cookies.split(separator: "; ").map(String.init)
        #expect(await company.get("Items").status == 200)
        for one in both {
            company.cookies = one
            #expect(await company.get("Items").status == 401)
        }
    }

    @Test func `a path in the wrong case is not seen as the login`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let answer = await company.fixture.sandbox.respond(to: SimRequest(method: "POST", target: "/sap/b1s/v2/login"))
        #expect(answer.status == 401)
        #expect(try SimJSON(parsing: answer.body)["error"]?["code"]?.text == "301")
    }

    @Test func `idle time ends a session and use prolongs it`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        for _ in 0..<3 {
            company.fixture.clock.advance(by: .seconds(29 * 60))
            #expect(await company.get("Items").status == 200)
        }
        company.fixture.clock.advance(by: .seconds(30 * 60))
        #expect(await company.get("Items").status == 401)
    }

    @Test func `after a logout the session is gone`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let answer = await company.fixture.sandbox.respond(
            to: SimRequest(method: "POST", target: "/sap/b1s/v2/Logout", headers: ["Cookie": company.cookies]))
        #expect(answer.status == 204)
        #expect(await company.get("Items").status == 401)
    }

    @Test func `ping needs no login`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let answer = await company.fixture.sandbox.respond(to: SimRequest(method: "GET", target: "/sap/ping/"))
        #expect(try SimJSON(parsing: answer.body)["message"]?.text == "pong")
    }

    @Test func `an unknown system is 404`() async throws {
        let fixture = try await SandboxFixture()
        #expect(await fixture.sandbox.respond(to: SimRequest(method: "GET", target: "/nobody/ping/")).status == 404)
    }
}

@Suite struct ServiceLayerPagingTests {
    @Test func `a page has 20 rows unless the header asks for more, which is echoed`() async throws {
        let company = try await SandboxFixture.company(items: 60)
        let plain = await company.get("Items")
        #expect(try SimJSON(parsing: plain.body)["value"]?.elements?.count == 20)
        #expect(plain.headers["Preference-Applied"] == nil)
        let asked = await company.get("Items", pageSize: 50)
        #expect(try SimJSON(parsing: asked.body)["value"]?.elements?.count == 50)
        #expect(asked.headers["Preference-Applied"] == "odata.maxpagesize=50")
    }

    @Test func `page size 0 switches paging off`() async throws {
        let company = try await SandboxFixture.company(items: 60)
        let page = try await company.json("Items", pageSize: 0)
        #expect(page["value"]?.elements?.count == 61)
        #expect(page["@odata.nextLink"] == nil)
    }

    @Test func `no page is larger than the system allows`() async throws {
        let company = try await SandboxFixture.company(items: 60) { $0.pageSizeMax = 25 }
        let page = await company.get("Items", pageSize: 500)
        #expect(try SimJSON(parsing: page.body)["value"]?.elements?.count == 25)
        #expect(page.headers["Preference-Applied"] == "odata.maxpagesize=25")
    }

    @Test(arguments: [NextLinkStyle.serviceRelative, .serverRelative])
    func `following the links gives every item once`(style: NextLinkStyle) async throws {
        let company = try await SandboxFixture.company { $0.nextLinks = style }
        let first = try await company.json("Items?$filter=\(sellable)&$orderby=ItemCode&$select=ItemCode", pageSize: 30)
        let link = try #require(first["@odata.nextLink"]?.text)
        #expect(link.hasPrefix(style == .serviceRelative ? "Items?" : "/sap/b1s/v2/Items?"))
        let codes = try await company.readAll(
            "Items?$filter=\(sellable)&$orderby=ItemCode&$select=ItemCode", pageSize: 30)
        #expect(codes.count == 200)
        #expect(Set(codes).count == 200)
        #expect(codes == codes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    @Test func `paging by the last key read gives every item once`() async throws {
        let company = try await SandboxFixture.company()
        var codes: [String] = []
        while true {
            let bound = codes.last.map { " and ItemCode gt '\(percentEncoded(quoted($0)))'" } ?? ""
            let page = try await company.json(
                "Items?$filter=\(sellable)\(bound)&$orderby=ItemCode&$select=ItemCode&$top=30", pageSize: 30)
            let read = page["value"]?.elements?.compactMap { $0["ItemCode"]?.text } ?? []
            if read.isEmpty { break }
            codes += read
        }
        #expect(Set(codes).count == 200)
        #expect(codes.count == 200)
    }

    @Test func `top ends the links when it is reached`() async throws {
        let company = try await SandboxFixture.company()
        #expect(try await company.readAll("Items?$top=45&$select=ItemCode", pageSize: 20).count == 45)
    }

    @Test func `skip beyond the end is an empty page`() async throws {
        let company = try await SandboxFixture.company(items: 10)
        let page = try await company.json("Items?$skip=5000")
        #expect(page["value"]?.elements?.isEmpty == true)
        #expect(page["@odata.nextLink"] == nil)
    }

    @Test func `the count stands in the answer when asked for`() async throws {
        let company = try await SandboxFixture.company()
        let page = try await company.json("Items?$count=true&$filter=\(sellable)&$top=1")
        #expect(page["@odata.count"]?.int == 200)
        #expect(try await company.count(sellable) == 200)
        #expect(try await company.count() == 204)
        #expect(await company.get("Items/$count").headers["Content-Type"]?.hasPrefix("text/plain") == true)
    }
}

@Suite struct ServiceLayerItemTests {
    @Test func `an item carries every price list and every warehouse`() async throws {
        let company = try await SandboxFixture.company(items: 10) {
            $0.priceLists = 4
            $0.warehouses = 12
        }
        let item = try #require(try await company.json("Items?$top=1")["value"]?[0])
        #expect(item["ItemPrices"]?.elements?.count == 4)
        #expect(item["ItemWarehouseInfoCollection"]?.elements?.count == 12)
        #expect(item["ItemWarehouseInfoCollection"]?[11]?["WarehouseCode"]?.text == "12")
        #expect(item["ItemWarehouseInfoCollection"]?[0]?["ItemCode"] == item["ItemCode"])
    }

    @Test func `the whole item has the many fields of a real one, unless made lean`() async throws {
        let full = try await SandboxFixture.company(items: 1)
        let lean = try await SandboxFixture.company(items: 1) { $0.allFields = false }
        let fullBytes = await full.get("Items?$top=1").body.count
        let leanBytes = await lean.get("Items?$top=1").body.count
        #expect(fullBytes > 8000)
        #expect(leanBytes < 3000)
    }

    @Test func `select keeps what is asked for and refuses what is not there`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let row = try #require(try await company.json("Items?$top=1&$select=ItemCode,ItemPrices")["value"]?[0])
        guard case .object(let members) = row else { return }
        #expect(members.map(\.name) == ["@odata.etag", "ItemCode", "ItemPrices"])
        #expect(await company.get("Items?$select=Nonsense").status == 400)
    }

    @Test func `a key with a quote, a slash or a percent sign is found`() async throws {
        let company = try await SandboxFixture.company(items: 1000)
        for code in ["'", "/", "%", "#", "+", " "] {
            let found = try await company.caller.call(ListItems(system: "sap", limit: 500)).items
            let more = try await company.caller.call(ListItems(system: "sap", after: found.last?.code, limit: 500))
                .items
            let item = try #require((found + more).first { $0.code.contains(code) })
            let key = percentEncoded(quoted(item.code))
            let answer = await company.get("/sap/b1s/v2/Items('\(key)')?$select=ItemCode")
            #expect(try SimJSON(parsing: answer.body)["ItemCode"]?.text == item.code)
        }
    }

    @Test func `an unknown key is 404 with code -2028`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let answer = await company.get("Items('nothing')")
        #expect(answer.status == 404)
        #expect(try SimJSON(parsing: answer.body)["error"]?["code"]?.text == "-2028")
    }

    @Test func `price lists, warehouses and groups are listed, counted and found by key`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        #expect(try await company.json("PriceLists")["value"]?.elements?.count == 3)
        #expect(try await company.json("PriceLists(2)")["PriceListName"]?.text == "Forhandler")
        #expect(try await company.json("Warehouses?$top=1")["value"]?[0]?["WarehouseCode"]?.text == "01")
        #expect(try await company.json("Warehouses('02')")["WarehouseName"]?.text == "Butik Århus")
        #expect(await company.get("ItemGroups/$count").text == "12")
        #expect(await company.get("Nonsense").status == 404)
    }
}

/// A quote in a literal is written twice.
func quoted(_ text: String) -> String {
    text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
}

func percentEncoded(_ text: String) -> String { text.utf8.map { "%" + hexText([$0]) }.joined() }
