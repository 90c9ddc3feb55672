import Connectors
import CoreTypes
import FoundationEssentials
import JSON
import Keys
import MonitorAPI
import MonitorService
import Outbound
import Persistence
import RPC
import SandboxAPI
import SandboxService
import SchedulerAPI
import ServiceRuntime
import Staging
import TLS
import TestSupport
import Testing

@testable import ImporterService

/// An importer with its files, a real monitor, and simulated systems behind real HTTPS, all of one test's own.
final class ImportFixture: Sendable {
    let folder: TemporaryFolder
    let clock: ManualClock
    let environment: ServiceEnvironment
    let sandbox: any RPCCaller
    let scheduler: SchedulerDouble
    let monitor: MonitorLink
    /// The monitor as an operator sees it.
    let policies: any RPCCaller
    /// The monitor as it is told of runs that have ended.
    let events: any RPCCaller
    let configuration: ImporterConfiguration
    let sealing: SealingKey
    let port: Int
    let authority: String

    static let merchant = MerchantID(bytes: (1, 1))
    static let connection = ConnectionID(bytes: (2, 2))

    /// Starts the systems, runs `body`, stops them.
    ///
    /// - Parameters:
    ///   - items: How many items the source has.
    ///   - crashPoints: Passed in to the importer.
    ///   - elapsing: What passes while it works; its wall clock stands still.
    static func with(
        items: Int = 300, crashPoints: CrashPoints = .none, elapsing: any Clock<Duration> = ContinuousClock(),
        _ body: @escaping @Sendable (ImportFixture) async throws -> Void
    ) async throws {
        let clock = ManualClock(start: .example)
        var environment = ServiceEnvironment.test(clock: clock, crashPoints: crashPoints)
        // Transfers really take time; only what o'clock it is stands still.
        environment.clock = elapsing
        let certificate = try Certificate.shared.get()
        let tls = try TLSContext(
            .serverOnly(certificateChainPath: certificate.certificate, privateKeyPath: certificate.key))
        let sandbox = try await Sandbox(database: SandboxDatabase.open(.memory), environment: environment)
        let caller = InProcessCaller(SandboxHandlers(sandbox).makeRouter(), as: .operator(name: "test"))
        _ = try await caller.call(
            CreateSystem(
                name: "sap", kind: .sapBusinessOne, items: items, priceLists: 2, warehouses: 2, allFields: false))
        _ = try await caller.call(CreateSystem(name: "shop", kind: .genericWebshop, requestsPerSecond: 10_000))
        _ = try await caller.call(CreateSystem(name: "direct", kind: .directWebshop, requestsPerSecond: 10_000))
        let listeners = SandboxListeners(sandbox, host: "127.0.0.1", httpPort: 0, smtpPort: 0, tls: tls)
        let prepared = environment
        try await listeners.withRunning { ports in
            let fixture = try ImportFixture(
                clock, prepared, sandbox: caller, port: ports.http, authority: certificate.certificate)
            try await body(fixture)
        }
    }

    private init(
        _ clock: ManualClock, _ environment: ServiceEnvironment, sandbox: any RPCCaller, port: Int, authority: String
    ) throws {
        let folder = try TemporaryFolder("sluice-importer")
        try KeySet.create(in: folder.path)
        let signing = try SigningKey(rawRepresentation: try KeyFile.read(folder.file("verdict-signing.key")))
        let service = MonitorService(
            database: try MonitorDatabase(.memory), signer: VerdictSigner(key: signing),
            router: Router(service: "monitor", randomness: environment.randomness), environment: environment)
        self.folder = folder
        self.clock = clock
        self.environment = environment
        self.sandbox = sandbox
        self.port = port
        self.authority = authority
        scheduler = SchedulerDouble()
        policies = InProcessCaller(service.router, as: .operator(name: "anna"))
        events = InProcessCaller(service.router, as: .service(name: "scheduler", instance: "1"))
        monitor = MonitorLink(InProcessCaller(service.router, as: .service(name: "importer", instance: "1")))
        configuration = Self.configuration(in: folder, authority)
        sealing = try SealingKey(rawRepresentation: try KeyFile.read(folder.file("sealing.key")))
    }

    private init(_ other: ImportFixture, _ folder: TemporaryFolder) {
        self.folder = folder
        clock = other.clock
        environment = other.environment
        sandbox = other.sandbox
        port = other.port
        authority = other.authority
        scheduler = other.scheduler
        monitor = other.monitor
        policies = other.policies
        events = other.events
        configuration = Self.configuration(in: folder, other.authority)
        sealing = other.sealing
    }

    /// The same world, seen from another importer with files of its own and the same keys.
    func sibling() throws -> ImportFixture {
        let folder = try TemporaryFolder("sluice-sibling")
        for name in ["sealing.key", "verdict-verifying.key"] {
            try FileManager.default.copyItem(atPath: self.folder.file(name), toPath: folder.file(name))
        }
        return ImportFixture(self, folder)
    }

    /// The same world, seen from a process that works on these files.
    func inheriting(_ remains: TemporaryFolder) throws -> ImportFixture { ImportFixture(self, remains) }

    private static func configuration(in folder: TemporaryFolder, _ authority: String) -> ImporterConfiguration {
        var configuration = ImporterConfiguration(
            databasePath: folder.file("importer.sqlite"), sealingKeyPath: folder.file("sealing.key"),
            verdictKeyPaths: [folder.file("verdict-verifying.key")])
        configuration.privateAddresses = ["127.0.0.0/8", "::1"].compactMap(AddressRange.init)
        configuration.authorityFile = authority
        configuration.firstRetry = .milliseconds(1)
        configuration.pageAttempts = 3
        return configuration
    }

    // MARK: Running

    /// - Parameter death: Cuts the importer off from the world once it has come.
    func importer(
        dyingBy death: Death? = nil, sending sender: (any HTTPSending)? = nil,
        _ change: (inout RunLimits) -> Void = { _ in }
    ) async throws -> ImporterService {
        var scheduler = self.scheduler.caller
        var monitor: any RPCCaller = self.monitor
        var sender = sender
        if let death {
            scheduler = MortalCaller(caller: scheduler, death: death)
            monitor = MortalCaller(caller: monitor, death: death)
            sender = MortalSender(sender: HTTPClient(HTTPClientConfiguration(configuration)), death: death)
        }
        var limits = RunLimits(configuration)
        // A service that is away is not waited for in tests.
        limits.serviceLimit = .milliseconds(1)
        limits.heartbeat = .milliseconds(20)
        change(&limits)
        return try await ImporterService(
            configuration, environment, router: Router(service: "importer", randomness: environment.randomness),
            scheduler: scheduler, monitor: monitor, sender: sender, limits: limits)
    }

    /// Claims and carries out one run, and returns what was reported of it; nil when nothing was.
    @discardableResult
    func run(
        _ modules: [Module] = Module.allCases, token: Int64 = 1, settings: ConnectionSettings = .small,
        leaseMs: Int64 = 120_000, with importer: ImporterService? = nil
    ) async throws -> RunReport? {
        let service: ImporterService
        if let importer { service = importer } else { service = try await self.importer() }
        let before = scheduler.change { $0.reports.count }
        let claim = try claim(modules, token: token, settings: settings, leaseMs: leaseMs)
        scheduler.change { $0.due.append(claim) }
        _ = try await service.claims.pass()
        return scheduler.change { $0.reports.count > before ? $0.reports.last?.report : nil }
    }

    func runID(_ token: Int64) -> RunID { RunID(bytes: (3, UInt64(token))) }

    func claim(
        _ modules: [Module] = Module.allCases, token: Int64 = 1, settings: ConnectionSettings = .small,
        leaseMs: Int64 = 120_000
    ) throws -> ClaimedRun {
        ClaimedRun(
            runID: runID(token), fencingToken: token, leaseMs: leaseMs,
            merchantID: Self.merchant, connectionID: Self.connection, connectionLabel: "Our SAP > Our shop",
            source: try source(), target: try target(), settings: settings, modules: modules, trigger: .schedule,
            traceparent: .example)
    }

    func source(
        password: String = "sandbox", options: [String: String] = [:], at address: String? = nil
    ) throws -> SystemAccess {
        try access(
            1, "Our SAP", .sapBusinessOne, "sap", ["companyDatabase": "SBODEMO"].merging(options) { $1 },
            ["user": "manager", "password": password], at: address)
    }

    func target(
        apiKey: String = "wsk_sandbox", options: [String: String] = [:], at address: String? = nil
    ) throws -> SystemAccess {
        try access(2, "Our shop", .genericWebshop, "shop", options, ["apiKey": apiKey], at: address)
    }

    func access(
        _ id: UInt64, _ name: String, _ kind: SystemKind, _ path: String, _ options: [String: String],
        _ credentials: [String: String], at address: String? = nil
    ) throws -> SystemAccess {
        let url = "\(address ?? "https://localhost:\(port)")/\(path)"
        let sealed = try sealing.publicKey.seal(
            Secret(try JSON.encode(credentials)), boundTo: "\(Self.merchant)/\(kind.rawValue)/\(url)")
        return SystemAccess(
            systemID: SystemID(bytes: (4, id)), merchantID: Self.merchant, name: name, kind: kind, baseURL: url,
            options: options,
            credentials: SealedText(
                keyID: sealed.keyID, encapsulatedKey: Data(sealed.encapsulatedKey).base64EncodedString(),
                ciphertext: Data(sealed.ciphertext).base64EncodedString()))
    }

    // MARK: Breaking and looking

    func misbehave(
        _ kind: FaultKind, on system: String = "sap", _ change: (inout Fault) -> Void = { _ in }
    ) async throws {
        var fault = Fault(kind)
        change(&fault)
        _ = try await sandbox.call(Misbehave(system: system, fault: fault))
    }

    func repair(_ system: String = "sap") async throws {
        _ = try await sandbox.call(Repair(system: system))
    }

    func shop() async throws -> DescribeShop.Response { try await sandbox.call(DescribeShop(system: "shop")) }

    func liveCount(_ dataset: String) async throws -> Int? {
        try await shop().datasets.first { $0.name == dataset }?.count
    }

    func oneSellableCode() async throws -> String {
        let items = try await sandbox.call(ListItems(system: "sap", limit: 40)).items
        return try #require(items.first { $0.sellable }).code
    }

    private func stagedTarget(of context: RunContext) throws -> any StagedTarget {
        guard case .staged(let shop) = try context.target(try target(), context.making(limit: .seconds(120))).way else {
            throw SystemFault(.internal, "the shop does not stage")
        }
        return shop
    }

    /// Opens an upload of products as another claim of the connection would, and returns its id.
    func leaveUploadOpen(token: Int64) async throws -> String {
        let context = try await importer().claims.context
        let target = try stagedTarget(of: context)
        let run = PublishingRun(try claim(token: token), countedAt: .example)
        return try await target.open(UploadPlan(module: .products, mode: .full, expectedCount: 1), for: run).id
    }

    /// Commits an empty upload of stock in another connection's name, with what is to be called for that later.
    func stranger() async throws -> @Sendable () async throws -> Void {
        let context = try await importer().claims.context
        let target = try stagedTarget(of: context)
        let run = PublishingRun(
            connectionID: ConnectionID(bytes: (9, 9)), runID: RunID(bytes: (9, 9)), fencingToken: 1,
            countedAt: .example)
        return {
            let plan = UploadPlan(module: .stock, mode: .delta, expectedCount: 0)
            _ = try await target.commit([try await target.open(plan, for: run)], for: run) {}
        }
    }

    /// Names of the files of runs that are still there.
    func stagingFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.file("staging")).filter { !$0.hasSuffix("-journal") }
    }

    func journal() async throws -> [JournaledRun] {
        try await ImporterDatabase(.file(configuration.databasePath)).journaledRuns()
    }
}

extension ConnectionSettings {
    /// Pages small enough that a few hundred items make many of them.
    static let small = ConnectionSettings.paged(.offset)

    static func paged(_ paging: Reading.Paging, size: Int = 20) -> ConnectionSettings {
        ConnectionSettings(
            reading: Reading(paging: paging, pageSize: size),
            mapping: Mapping(
                prices: PriceMapping(priceLists: ["1": "retail", "2": "dealer"]),
                stock: StockMapping(warehouses: ["01": "main", "02": "main"])))
    }
}
