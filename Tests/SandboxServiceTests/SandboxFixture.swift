import CoreTypes
import Crypto
import Persistence
import RPC
import SandboxAPI
import ServiceRuntime
import TestSupport

@testable import SandboxService

/// A sandbox of one test: in memory, without sockets, its clock moved by the test.
struct SandboxFixture: Sendable {
    let clock = ManualClock()
    let sandbox: Sandbox
    let caller: InProcessCaller

    init() async throws {
        let environment = ServiceEnvironment.test(clock: clock)
        sandbox = try await Sandbox(database: SandboxDatabase.open(.memory), environment: environment)
        caller = InProcessCaller(SandboxHandlers(sandbox).makeRouter(), as: .operator(name: "test"))
    }

    func misbehave(_ system: String, _ fault: Fault) async throws {
        _ = try await caller.call(Misbehave(system: system, fault: fault))
    }

    func repair(_ system: String) async throws { _ = try await caller.call(Repair(system: system)) }
}

// MARK: SAP Business One

extension SandboxFixture {
    /// A fixture with one logged-in company.
    static func company(items: Int = 200, _ change: (inout CreateSystem) -> Void = { _ in }) async throws -> Company {
        let fixture = try await SandboxFixture()
        var definition = CreateSystem(name: "sap", kind: .sapBusinessOne, items: items)
        change(&definition)
        _ = try await fixture.caller.call(definition)
        return Company(fixture: fixture, cookies: try await fixture.logIn())
    }

    func logIn(password: String = "sandbox") async throws -> String {
        let body = "{\"CompanyDB\":\"SBODEMO\",\"UserName\":\"manager\",\"Password\":\"\(password)\"}"
        let answer = await sandbox.respond(
            to: SimRequest(method: "POST", target: "/sap/b1s/v2/Login", body: Array(body.utf8)))
        return answer.headers.all("Set-Cookie").map { String($0.prefix { $0 != ";" }) }.joined(separator: "; ")
    }
}

struct Company: Sendable {
    let fixture: SandboxFixture
    var cookies: String
    var caller: InProcessCaller { fixture.caller }

    func get(_ resource: String, pageSize: Int? = nil) async -> SimResponse {
        var headers: SimHeaders = ["Cookie": cookies, "Host": "localhost"]
        if let pageSize { headers["Prefer"] = "odata.maxpagesize=\(pageSize)" }
        let target = resource.hasPrefix("/") ? resource : "/sap/b1s/v2/" + resource
        return await fixture.sandbox.respond(to: SimRequest(method: "GET", target: encoded(target), headers: headers))
    }

    func json(_ resource: String, pageSize: Int? = nil) async throws -> SimJSON {
        try SimJSON(parsing: await get(resource, pageSize: pageSize).body)
    }

    func count(_ filter: String? = nil) async throws -> Int? {
        Int(await get("Items/$count" + (filter.map { "?$filter=" + $0 } ?? "")).text)
    }

    /// Follows the links to the end, as a client does.
    func readAll(_ resource: String, pageSize: Int) async throws -> [String] {
        var codes: [String] = []
        var next: String? = resource
        while let link = next {
            let page = try await json(link, pageSize: pageSize)
            codes += page["value"]?.elements?.compactMap { $0["ItemCode"]?.text } ?? []
            next = page["@odata.nextLink"]?.text
        }
        return codes
    }

    func misbehave(_ fault: Fault) async throws { try await fixture.misbehave("sap", fault) }
    func repair() async throws { try await fixture.repair("sap") }
}

let sellable = "SalesItem eq 'tYES' and Valid eq 'tYES' and Frozen eq 'tNO'"

/// Leaves alone what is encoded already, as in a link that the server gave.
func encoded(_ target: String) -> String {
    target.utf8.reduce(into: "") { text, byte in
        let isPlain = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "<")
        text += isPlain ? String(UnicodeScalar(byte)) : "%" + hexText([byte])
    }
}

// MARK: Webshop

extension SandboxFixture {
    static func shop(_ change: (inout CreateSystem) -> Void = { _ in }) async throws -> Shop {
        let fixture = try await SandboxFixture()
        var definition = CreateSystem(name: "shop", kind: .genericWebshop)
        change(&definition)
        _ = try await fixture.caller.call(definition)
        return Shop(fixture: fixture)
    }
}

struct Shop: Sendable {
    let fixture: SandboxFixture
    var key = "wsk_sandbox"
    var caller: InProcessCaller { fixture.caller }

    func call(
        _ method: String, _ path: String, _ body: SimJSON? = nil, idempotencyKey: String? = nil, raw: [UInt8]? = nil
    ) async -> SimResponse {
        var headers: SimHeaders = ["Authorization": "Bearer \(key)"]
        headers["Idempotency-Key"] = idempotencyKey
        return await fixture.sandbox.respond(
            to: SimRequest(
                method: method, target: "/shop/api/v1/" + encoded(path), headers: headers,
                body: raw ?? body?.bytes ?? []))
    }

    func json(_ method: String, _ path: String, _ body: SimJSON? = nil) async throws -> SimJSON {
        try SimJSON(parsing: await call(method, path, body).body)
    }

    /// Opens a session.
    func open(
        _ dataset: String = "products", expected: Int, mode: String = "full", key: String, token: Int? = nil,
        connection: String = "con_1"
    ) async -> SimResponse {
        var source: [SimMember] = [
            SimMember("connection", .string(connection)), SimMember("run_id", .string("run_\(key)")),
        ]
        if let token { source.append(SimMember("fencing_token", SimJSON(token))) }
        return await call(
            "POST", "imports",
            [
                "dataset": .string(dataset), "mode": .string(mode), "expected_count": SimJSON(expected),
                "source": .object(source), "chunk_size": 100,
            ], idempotencyKey: key)
    }

    func put(_ id: String, _ number: Int, _ rows: [SimJSON]) async -> SimResponse {
        let bytes = SimJSON.array(rows).bytes
        let checksum = "sha256:" + hexText(SHA256.hash(data: bytes))
        return await call(
            "PUT", "imports/\(id)/chunks/\(number)",
            raw: Array("{\"rows\":".utf8) + bytes + Array(",\"checksum\":\"\(checksum)\"}".utf8))
    }

    /// A whole import, rows in chunks of 100; the answer that stopped it, or that of the commit.
    @discardableResult
    func publish(
        _ rows: [SimJSON], to dataset: String = "products", mode: String = "full", key: String,
        allowShrink: Bool = false
    ) async throws -> SimResponse {
        let opened = await open(dataset, expected: rows.count, mode: mode, key: key)
        guard opened.status == 201 else { return opened }
        let id = try SimJSON(parsing: opened.body)["id"]?.text ?? ""
        for (index, start) in stride(from: 0, to: rows.count, by: 100).enumerated() {
            let answer = await put(id, index + 1, Array(rows[start..<min(start + 100, rows.count)]))
            guard answer.status == 200 else { return answer }
        }
        return await call(
            "POST", "imports/\(id)/commit", ["actual_count": SimJSON(rows.count), "allow_shrink": .bool(allowShrink)])
    }

    func digest() async throws -> String { try await caller.call(DescribeShop(system: "shop")).digest }

    /// Pages through a data set as a reader of the shop does.
    func readAll(_ resource: String, limit: Int = 100) async throws -> (codes: [String], versions: Set<Int>) {
        var codes: [String] = []
        var versions: Set<Int> = []
        var cursor: String?
        repeat {
            let page = try await json("GET", "\(resource)?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
            codes += page["items"]?.elements?.compactMap { $0["code"]?.text } ?? []
            versions.insert(page["version"]?.int ?? -1)
            cursor = page["next_cursor"]?.text
        } while cursor != nil
        return (codes, versions)
    }
}

func products(_ numbers: Range<Int>, name: String = "Vare") -> [SimJSON] {
    numbers.map { ["code": .string("P\(10_000 + $0)"), "name": .string("\(name) \($0)"), "active": true] }
}
