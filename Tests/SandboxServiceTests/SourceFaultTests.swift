import CoreTypes
import RPC
import SandboxAPI
import TestSupport
import Testing

@testable import SandboxService

/// The cases of the completeness table: what a reader who pages by `$skip` gets, and what the counts say.
@Suite struct SourceFaultTests {
    private static let listing = "Items?$filter=\(sellable)&$orderby=UpdateDate,UpdateTime,ItemCode&$select=ItemCode"
    private static let changeToken =
        "Items?$orderby=UpdateDate desc,UpdateTime desc&$top=1&$select=UpdateDate,UpdateTime"
    private static let creationToken =
        "Items?$orderby=CreateDate desc,CreateTime desc&$top=1&$select=CreateDate,CreateTime"

    private struct Reading {
        var before: Int?
        var after: Int?
        var codes: [String]
        var tokenChanged: Bool
        var repeated: Int { codes.count - Set(codes).count }
    }

    private func read(_ company: Company) async throws -> Reading {
        company.fixture.clock.advance(by: .seconds(60))
        let tokenBefore = await token(company)
        let before = try await company.count(sellable)
        let codes = try await company.readAll(Self.listing, pageSize: 50)
        let after = try await company.count(sellable)
        return Reading(before: before, after: after, codes: codes, tokenChanged: await token(company) != tokenBefore)
    }

    private func token(_ company: Company) async -> [String] {
        [await company.get(Self.changeToken).text, await company.get(Self.creationToken).text]
    }

    @Test func `undisturbed, all figures agree`() async throws {
        let reading = try await read(try await SandboxFixture.company())
        #expect(reading.before == 200 && reading.after == 200 && Set(reading.codes).count == 200)
        #expect(reading.repeated == 0 && !reading.tokenChanged)
    }

    @Test func `a. an edited item moves: one is read twice, its neighbour not at all, only the token tells`()
        async throws
    {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.moveItemsWhileReading, count: 1, page: 2))
        let reading = try await read(company)
        #expect(reading.before == 200 && reading.after == 200 && reading.codes.count == 200)
        #expect(Set(reading.codes).count == 199 && reading.tokenChanged)
    }

    @Test func `b. an item already read is deleted: its neighbour is skipped, no edit is newer`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.deleteWhileReading, count: 1, page: 2))
        let reading = try await read(company)
        #expect(reading.before == 200 && reading.after == 199 && Set(reading.codes).count == 199)
        #expect(reading.repeated == 0 && !reading.tokenChanged)
    }

    @Test func `c. an item appears in the part already read: one is read twice, the new one missed`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.insertWhileReading, count: 1, page: 2))
        let reading = try await read(company)
        #expect(reading.before == 200 && reading.after == 201)
        #expect(reading.codes.count == 201 && Set(reading.codes).count == 200 && reading.tokenChanged)
        #expect(!reading.codes.contains { $0.hasPrefix("0NEW") })
    }

    @Test func `d. one goes and one comes: counts and keys agree, and still one is missing`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.insertAndDeleteWhileReading, count: 1, page: 2))
        let reading = try await read(company)
        #expect(reading.before == 200 && reading.after == 200 && Set(reading.codes).count == 200)
        #expect(reading.repeated == 0 && reading.tokenChanged)
        #expect(!reading.codes.contains { $0.hasPrefix("0NEW") })
    }

    @Test func `e. a capped page is short, its link right; with the link hidden the rest is out of reach`() async throws
    {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.capPageSize, count: 20))
        #expect(try await company.json(Self.listing, pageSize: 50)["value"]?.elements?.count == 20)
        #expect(Set(try await read(company).codes).count == 200)
        try await company.misbehave(Fault(.hideNextPages, count: 20))
        let reading = try await read(company)
        #expect(reading.codes.count == 20 && reading.before == 200 && reading.after == 200)
    }

    @Test func `f. nothing at all, without an error`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.emptyAnswer))
        let reading = try await read(company)
        #expect(reading.before == 0 && reading.after == 0 && reading.codes.isEmpty)
        try await company.repair()
        #expect(try await read(company).codes.count == 200)
    }

    @Test func `g. two rows with one key, both counted, every time`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.duplicateRows, count: 3))
        for _ in 0..<2 {
            let reading = try await read(company)
            #expect(reading.before == 203 && reading.after == 203)
            #expect(reading.codes.count == 203 && reading.repeated == 3 && !reading.tokenChanged)
        }
    }

    @Test func `h. the count counts more than the list lists`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.countIgnoresFilter))
        let reading = try await read(company)
        #expect(reading.before == 204 && reading.after == 204 && reading.codes.count == 200)
    }

    @Test func `i. no count to be had`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.noCount))
        #expect(await company.get("Items/$count").status == 501)
        #expect(try await company.json("Items?$count=true&$top=1")["@odata.count"] == nil)
    }

    @Test func `lost items are counted but not listed, and can be named`() async throws {
        let company = try await SandboxFixture.company()
        let all = Set(try await read(company).codes)
        try await company.misbehave(Fault(.loseItems, count: 17))
        let reading = try await read(company)
        #expect(reading.before == 200 && reading.after == 200 && reading.codes.count == 183)
        let named = try await company.caller.call(ListItems(system: "sap", limit: 500, lostOnly: true)).items
        #expect(Set(named.map(\.code)) == all.subtracting(reading.codes))
    }

    @Test func `paging by key survives the move of edited items`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.moveItemsWhileReading, count: 5, page: 2))
        let codes = try await company.readAll(
            "Items?$filter=\(sellable)&$orderby=ItemCode&$select=ItemCode", pageSize: 50)
        #expect(codes.count == 200 && Set(codes).count == 200)
    }

    @Test(arguments: [-3, 4])
    func `a wrong count is off by the number ordered`(difference: Int) async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.wrongCount, count: difference))
        #expect(try await company.count(sellable) == 200 + difference)
    }

    @Test func `a truncated page lacks rows that the next does not make up for`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.truncatePage, count: 4, page: 2))
        #expect(try await read(company).codes.count == 196)
    }

    @Test func `the connection is cut in the middle of the page, and again when that page is asked for again`()
        async throws
    {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.cutConnection, page: 3))
        let link = Self.listing + "&$skip=100"
        for _ in 0..<2 {
            let answer = await company.get(link, pageSize: 50)
            guard case .cutAfter(let bytes) = answer.delivery else {
                Issue.record("not cut: \(answer.delivery)")
                return
            }
            #expect(bytes > 0 && bytes < answer.body.count)
        }
        #expect(await company.get(Self.listing, pageSize: 50).delivery == .complete)
    }

    @Test func `by key, a page asked for again is the same page`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.cutConnection, page: 2))
        let first = try await company.json("Items?$filter=\(sellable)&$orderby=ItemCode&$select=ItemCode", pageSize: 50)
        let last = try #require(first["value"]?[49]?["ItemCode"]?.text)
        let second =
            "Items?$filter=\(sellable) and ItemCode gt '\(percentEncoded(quoted(last)))'&$orderby=ItemCode&$select=ItemCode"
        for _ in 0..<3 { #expect(await company.get(second, pageSize: 50).delivery != .complete) }
    }

    @Test func `sessions forgotten on a page: one login later it goes on`() async throws {
        var company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.killSessions, page: 2, times: 1))
        #expect(await company.get(Self.listing, pageSize: 50).status == 200)
        #expect(await company.get(Self.listing + "&$skip=50", pageSize: 50).status == 401)
        company.cookies = try await company.fixture.logIn()
        #expect(await company.get(Self.listing + "&$skip=50", pageSize: 50).status == 200)
    }

    @Test func `an unreadable item has a price that is no number`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.unreadableItems, count: 2))
        let page = try await company.json("Items?$filter=\(sellable)&$select=ItemCode,ItemPrices", pageSize: 0)
        let broken = page["value"]?.elements?.filter { $0["ItemPrices"]?[0]?["Price"]?.text == "12,50" }
        #expect(broken?.count == 2)
    }

    @Test func `broken JSON is no JSON, but a probe for one row still works`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.malformedJSON))
        await #expect(throws: SimJSONError.self) { try await company.json(Self.listing) }
        #expect(try await company.json("Items?$top=1")["value"]?.elements?.count == 1)
    }

    @Test func `missing rights concern the endpoint they are ordered for`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.missingRights, target: "Warehouses"))
        #expect(await company.get("Warehouses").status == 403)
        #expect(await company.get("Items?$top=1").status == 200)
    }

    @Test(arguments: ["ItemPrices", "ItemWarehouseInfoCollection"])
    func `a field that is taken away is left out of whole items, and refused where it is asked for`(
        field: String
    ) async throws {
        let company = try await SandboxFixture.company()
        #expect(await company.get("Items?$top=1").text.contains("\"\(field)\""))
        try await company.misbehave(Fault(.missingRights, target: field))
        let whole = await company.get("Items?$top=1")
        #expect(whole.status == 200 && !whole.text.contains("\"\(field)\""))
        #expect(await company.get("Items?$top=1&$select=ItemCode,\(field)").status == 403)
        #expect(await company.get("Items?$top=1&$select=ItemCode").status == 200)
    }

    @Test(arguments: [nil, 405, 410, 501])
    func `of another version there is nothing at any path, in the way that is asked for`(status: Int?) async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.otherVersion, count: status))
        #expect(await company.get("Items?$top=1").status == status ?? 404)
        #expect(Fault(.otherVersion, count: 403).problem(at: .sapBusinessOne) == "count is out of range")
    }

    @Test func `maintenance, throttling and server errors say so`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.maintenance, times: 1))
        let closed = await company.get("Items")
        #expect(closed.status == 503 && closed.headers["Retry-After"] == "120")
        try await company.misbehave(Fault(.throttle, count: 3))
        var answers: [Int] = []
        for _ in 0..<6 { answers.append(await company.get("Items?$top=1").status) }
        #expect(answers == [200, 200, 429, 200, 200, 429])
        try await company.repair()
        try await company.misbehave(Fault(.serverErrors, times: 2))
        answers = []
        for _ in 0..<3 { answers.append(await company.get("Items?$top=1").status) }
        #expect(answers.sorted() == [200, 502, 503])
    }

    @Test func `offline and hang give no answer at all`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.offline))
        #expect(await company.get("Items").delivery == .cutAtOnce)
        try await company.repair()
        try await company.misbehave(Fault(.hang))
        #expect(await company.get("Items").delivery == .never)
    }

    @Test func `a refused login is refused although the password is right`() async throws {
        let company = try await SandboxFixture.company()
        try await company.misbehave(Fault(.refuseLogin))
        #expect(try await company.fixture.logIn() == "")
        try await company.repair()
        #expect(try await company.fixture.logIn() != "")
    }
}
