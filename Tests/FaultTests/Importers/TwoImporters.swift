import CoreTypes
import Foundation
import RPC
import SandboxAPI
import SchedulerAPI
import TestInstallation
import TestSupport

/// Two importers with room for one run each: whatever one has in hand leaves only the other.
final class TwoImporters: Sendable {
    static let names = ["importer", "importer-2"]
    /// How long a run waits for the importer that holds the published set, and how often each asks for work.
    static let preference = Duration.seconds(2)
    static let claimPause = Duration.seconds(1)

    let world: World

    init() async throws {
        var settings = World.quickSettings
        settings["scheduler"]?["SCHEDULER_PREFERENCE_SECONDS"] = "2"
        settings["importer"]?["IMPORTER_CONCURRENT_RUNS"] = "1"
        world = try await World(settings: settings)
        try await world.startSecondImporter()
    }

    // MARK: Which is which

    /// Of `importer/1`, as the scheduler names the holder of a lease.
    static func name(of owner: String?) -> String { owner == "importer/2" ? names[1] : names[0] }
    static func other(than name: String) -> String { name == names[0] ? names[1] : names[0] }

    /// The importer that has, or had, a run in hand.
    func holder(of run: RunID) async throws -> String { Self.name(of: try await world.run(run).leaseOwner) }

    func signal(_ name: String, _ signal: Int32) throws {
        Foundation.kill(try world.installation.processID(name), signal)
    }

    func start(_ name: String) async throws {
        if name == Self.names[0] { try await world.restart(name) } else { try await world.startSecondImporter() }
    }

    /// Starts a run that a certain importer gets: the other one stands still until it is in hand.
    func startRun(_ merchant: Merchant, at name: String) async throws -> RunID {
        try signal(Self.other(than: name), SIGSTOP)
        let run = try await world.startRun(merchant)
        _ = try await eventually("the claim of \(name)") { try await self.world.run(run).run.startedAt }
        try signal(Self.other(than: name), SIGCONT)
        return run
    }
}

/// How long a run waited for an importer, and how long it then took.
struct Times: Sendable {
    var waited: Duration
    var took: Duration
    var holder: String
}

extension World {
    /// Changes the catalogue and publishes it, and sees that it did.
    func publish(_ merchant: Merchant, _ catalogue: ChangingCatalogue, generation: Int) async throws -> Times {
        try await catalogue.advance(to: generation)
        let id = try await startRun(merchant)
        _ = try await idle(merchant)
        let run = try await run(id)
        guard run.run.outcome == .published, let started = run.run.startedAt, let finished = run.run.finishedAt else {
            throw Installation.Failure(
                text: "a run of \(merchant.name) ended as \(run.run.outcome?.rawValue ?? "-") \(run.run.reason ?? "")")
        }
        return Times(
            waited: started - run.run.queuedAt, took: finished - started,
            holder: TwoImporters.name(of: run.leaseOwner))
    }

    /// One more connection of a merchant, between systems of its own.
    ///
    /// - Parameter sandbox: Where these are; nil for the installation's.
    func addConnection(
        to merchant: Merchant, _ tag: String, items: Int, pageSize: Int, at sandbox: OwnSandbox? = nil
    ) async throws -> Merchant {
        let systems = sandbox?.systems ?? systems
        try await systems.createERP("\(tag)-erp", items: items, seed: 8, password: "sandbox")
        try await systems.createShop("\(tag)-shop", apiKey: "wsk_sandbox")
        let outside = "https://localhost:\(sandbox?.port ?? installation.port("SANDBOX_HTTPS"))"
        let source = try await addSystem(
            .sapBusinessOne, "ERP \(tag)", at: "\(outside)/\(tag)-erp", of: merchant.id,
            ["companyDatabase": "SBODEMO"], ["user": "manager", "password": "sandbox"])
        let target = try await addSystem(
            .genericWebshop, "Shop \(tag)", at: "\(outside)/\(tag)-shop", of: merchant.id, [:],
            ["apiKey": "wsk_sandbox"])
        // By offset, so in the order of edits: as good as random for the keys.
        var settings = ConnectionSettings(reading: Reading(paging: .offset, pageSize: pageSize))
        settings.mapping.prices.priceLists = ["1": "retail", "2": "trade"]
        let connection = try await calls(
            CreateConnection(
                merchantID: merchant.id, label: "\(tag) connection", sourceID: source, targetID: target,
                settings: settings, schedule: .manual))
        return Merchant(
            name: "\(merchant.name), \(tag)", id: merchant.id, connectionID: connection.connection.connectionID,
            erp: "\(tag)-erp", shop: "\(tag)-shop", isDirect: false, addresses: merchant.addresses)
    }
}

/// Simulated systems in a process of their own: what one shop writes there keeps nobody else's waiting, as it would in the
/// one database of the installation's sandbox.
struct OwnSandbox {
    let systems: SimulatedSystems
    /// Where they serve HTTPS.
    let port: Int

    init(_ installation: Installation) async throws {
        let ports = try Installation.freePorts(3).map { Int($0) }
        let name = "sandbox-2"
        _ = try await installation.start(
            "sandbox", as: name,
            adding: [
                "RPC_LISTEN": "127.0.0.1:\(ports[0])", "SANDBOX_HTTPS_PORT": "\(ports[1])",
                "SANDBOX_SMTP_PORT": "\(ports[2])",
                "SANDBOX_DATABASE_PATH": installation.folder.file("state/data/\(name)/sandbox.sqlite"),
            ])
        let calls = try Calls(installation, ports: ["sandbox": ports[0]])
        _ = try await calls.ready("sandbox")
        systems = SimulatedSystems(calls: calls)
        port = ports[1]
    }
}
