import CoreTypes
import SandboxAPI
import ServiceRuntime
import Synchronization

/// A simulated SAP Business One Service Layer, version 2 of its interface, with one company.
final class ServiceLayer: SimulatedSystem {
    struct State {
        var catalogue: Catalogue
        var sessions: Sessions
        /// Codes of items that differ from what the seed makes of them and are not stored yet.
        var unsaved: Set<String> = []
    }

    let definition: CreateSystem
    let createdAt: Instant
    let faults: FaultBoard
    let settings: ServiceLayerSettings
    let environment: ServiceEnvironment
    let state: Mutex<State>

    /// - Parameter changed: Items that differ from what the seed makes of them; nil for deleted ones.
    init(
        _ definition: CreateSystem, createdAt: Instant, faults: FaultBoard, changed: [(code: String, item: Item?)] = [],
        environment: ServiceEnvironment
    ) {
        self.definition = definition
        self.createdAt = createdAt
        self.faults = faults
        self.environment = environment
        settings = ServiceLayerSettings(definition)
        var catalogue = Catalogue(settings.generator.makeItems(sellable: settings.items))
        for change in changed { catalogue.put(change.item, code: change.code) }
        let sessions = Sessions(timeout: .seconds(settings.sessionTimeoutMinutes * 60))
        state = Mutex(State(catalogue: catalogue, sessions: sessions))
    }

    func respond(to request: SimRequest) async -> SimResponse {
        let common = CommonFaults(board: faults, clock: environment.clock) { status, _, message in
            .serviceLayerError(status, code: "\(status)", message)
        }
        if let answer = await common.answer() { return answer }
        if let answer = ping(request) { return answer }
        guard let resource = resource(of: request) else {
            return .serviceLayerError(404, code: "-1", "Unrecognized resource path.")
        }
        if resource == "Login", request.method == "POST" { return login(request) }
        guard let session = currentSession(request) else { return .invalidSession }
        if resource == "Logout", request.method == "POST" {
            state.withLock { $0.sessions.close(session) }
            return SimResponse(status: 204)
        }
        do {
            return try answer(resource, request, session: session)
        } catch {
            let problem = error as? QueryProblem ?? QueryProblem("\(error)")
            return .serviceLayerError(400, code: "-1000", problem.message)
        }
    }

    /// The part of the path after the service root, decoded; nil for any other path. Case matters.
    private func resource(of request: SimRequest) -> String? {
        let root = "/b1s/v2/"
        guard request.path.hasPrefix(root) else { return nil }
        return percentDecoded(request.path.dropFirst(root.count))
    }

    private func ping(_ request: SimRequest) -> SimResponse? {
        let path = request.path
        guard path == "/ping" || path.hasPrefix("/ping/") else { return nil }
        let sender = path.hasPrefix("/ping/node/") ? "node " + path.dropFirst("/ping/node/".count) : "load balancer"
        let milliseconds = environment.wallClock.now().milliseconds
        let timestamp = "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
        return .json(200, ["message": "pong", "sender": .string(sender), "timestamp": .string(timestamp)])
    }

    private func answer(_ resource: String, _ request: SimRequest, session: String) throws -> SimResponse {
        let entity = String(resource.prefix { $0 != "(" && $0 != "/" })
        if faults.occur(.missingRights, if: { $0.target == nil || $0.target == entity }) != nil {
            return .noPermission
        }
        guard request.method == "GET" else {
            return .serviceLayerError(400, code: "-5006", "This action is not supported by the simulator")
        }
        switch resource {
        case "Items": return try listItems(request, session: session)
        case "Items/$count": return try countItems(request)
        case _ where entity == "Items":
            guard let key = textKey(resource) else { break }
            return try item(key, request)
        default:
            if let answer = try masterData(resource, entity: entity, request) { return answer }
        }
        return .serviceLayerError(404, code: "-1", "Unrecognized resource path.")
    }

    /// `Items('A''1')` → `A'1`
    func textKey(_ resource: String) -> String? {
        guard let open = resource.firstIndex(of: "("), resource.hasSuffix("')"),
            resource[open...].hasPrefix("('"), resource.utf8.count >= 4
        else { return nil }
        let quoted = resource[open...].dropFirst(2).dropLast(2)
        return quoted.split(separator: "''", omittingEmptySubsequences: false).joined(separator: "'")
    }

    // MARK: Sessions

    private func login(_ request: SimRequest) -> SimResponse {
        guard let body = try? SimJSON(parsing: request.body), let company = body["CompanyDB"]?.text,
            let user = body["UserName"]?.text, let password = body["Password"]?.text
        else { return .serviceLayerError(400, code: "-1000", "CompanyDB, UserName and Password are needed") }
        let isRight = company == settings.companyDatabase && user == settings.user && password == settings.password
        if !isRight || faults.occur(.refuseLogin) != nil {
            return .serviceLayerError(401, code: "100000027", "Login failed")
        }
        let id = makeSessionID()
        state.withLock { $0.sessions.open(id: id, at: environment.wallClock.now()) }
        var response = SimResponse.json(
            200,
            [
                "@odata.context": .string(context(request, "B1Sessions/$entity")), "SessionId": .string(id),
                "Version": "1000190", "SessionTimeout": SimJSON(settings.sessionTimeoutMinutes),
            ])
        response.headers.append("Set-Cookie", "B1SESSION=\(id); HttpOnly;")
        response.headers.append("Set-Cookie", "ROUTEID=.node1; path=/\(definition.name)/b1s")
        return response
    }

    /// Both cookies are needed; the session must stand.
    private func currentSession(_ request: SimRequest) -> String? {
        let cookies = request.headers.cookies
        guard let id = cookies["B1SESSION"], cookies["ROUTEID"] != nil else { return nil }
        return state.withLock { $0.sessions.use(id, at: environment.wallClock.now()) } ? id : nil
    }

    private func makeSessionID() -> String {
        let digits = hexText(environment.randomness.bytes(16))
        let cuts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return cuts.map { String(digits.dropFirst($0.lowerBound).prefix($0.count)) }.joined(separator: "-")
    }

    func context(_ request: SimRequest, _ fragment: String) -> String {
        "https://\(request.headers["Host"] ?? "localhost")/\(definition.name)/b1s/v2/$metadata#\(fragment)"
    }
}

/// A system's definition with the defaults filled in.
struct ServiceLayerSettings: Sendable {
    var items: Int
    var companyDatabase: String
    var user: String
    var password: String
    var sessionTimeoutMinutes: Int
    var pageSizeMax: Int
    var nextLinks: NextLinkStyle
    var allFields: Bool
    var warehouses: [String]
    var generator: CatalogueGenerator

    init(_ definition: CreateSystem) {
        items = definition.items ?? 50_000
        companyDatabase = definition.companyDatabase ?? "SBODEMO"
        user = definition.user ?? "manager"
        password = definition.password ?? "sandbox"
        sessionTimeoutMinutes = definition.sessionTimeoutMinutes ?? 30
        pageSizeMax = definition.pageSizeMax ?? 5000
        nextLinks = definition.nextLinks ?? .serviceRelative
        allFields = definition.allFields ?? true
        let warehouseCount = definition.warehouses ?? 5
        warehouses = (1...max(1, warehouseCount)).map { $0 < 10 ? "0\($0)" : "\($0)" }
        generator = CatalogueGenerator(
            seed: UInt64(bitPattern: definition.seed ?? 1), priceLists: definition.priceLists ?? 3,
            warehouses: warehouseCount)
    }
}

extension SimResponse {
    static let invalidSession = serviceLayerError(
        401, code: "301", "Invalid session or session already timeout.")

    static let noPermission = serviceLayerError(403, code: "-1", "You are not permitted to perform this action")

    static func serviceLayerError(_ status: Int, code: String, _ message: String) -> SimResponse {
        .json(status, ["error": ["code": .string(code), "message": .string(message)]])
    }
}
