import CoreTypes
import GRDB
import JSON
import Logging
public import Persistence
import SandboxAPI
public import ServiceRuntime
import Synchronization

/// All simulated systems and the mailbox, without sockets: requests in, answers out.
///
/// Its own state (systems, misbehaviour, edits, shops, mails) lies in one database and survives a restart.
public final class Sandbox: Sendable {
    let database: ServiceDatabase
    let environment: ServiceEnvironment
    let mailbox: Mailbox
    private let systems = Mutex<[String: any SimulatedSystem]>([:])

    /// - Parameter database: Opened by ``SandboxDatabase``.
    /// - Throws: When the database cannot be read.
    public init(database: ServiceDatabase, environment: ServiceEnvironment) async throws {
        self.database = database
        self.environment = environment
        let stored = try await database.read { db in try StoredSystem.fetchAll(db) }
        let faults = try await database.read { db in try StoredFault.fetchAll(db) }
        mailbox = Mailbox(
            database: database, environment: environment, faults: FaultBoard(faults[SandboxAPI.mailboxName] ?? []))
        for system in stored {
            let made = make(system, faults: FaultBoard(faults[system.definition.name] ?? []))
            systems.withLock { $0[system.definition.name] = made }
        }
    }

    /// Answers an HTTP request; the first component of its path says which system is meant.
    public func respond(to request: SimRequest) async -> SimResponse {
        guard let (name, rest) = request.enteringFirstComponent(), let system = system(named: name) else {
            return .json(404, ["error": "There is no such system in this sandbox."])
        }
        let response = await system.respond(to: rest)
        await save(system)
        return response
    }

    // MARK: Systems

    func system(named name: String) -> (any SimulatedSystem)? { systems.withLock { $0[name] } }

    /// By name.
    var allSystems: [any SimulatedSystem] {
        systems.withLock { $0.values.sorted { $0.definition.name < $1.definition.name } }
    }

    /// - Returns: The system of this definition, made if there is none; nil when the name stands for another.
    func create(_ definition: CreateSystem) async throws -> (any SimulatedSystem)? {
        if let known = system(named: definition.name) { return known.definition == definition ? known : nil }
        let stored = StoredSystem(definition: definition, createdAt: environment.wallClock.now())
        let made = make(stored, faults: FaultBoard())
        // Of two that come at the same time the database lets one in.
        guard try await database.write({ db in try stored.insertIfNew(db) }) else {
            return system(named: definition.name).flatMap { $0.definition == definition ? $0 : nil }
        }
        systems.withLock { $0[definition.name] = made }
        return made
    }

    func remove(_ name: String) async throws -> Bool {
        guard systems.withLock({ $0.removeValue(forKey: name) }) != nil else { return false }
        try await database.write { db in
            try db.execute(sql: "DELETE FROM system WHERE name = ?", arguments: [name])
            try db.execute(sql: "DELETE FROM fault WHERE place = ?", arguments: [name])
        }
        return true
    }

    private func make(_ stored: StoredSystem, faults: FaultBoard) -> any SimulatedSystem {
        switch stored.definition.kind {
        case .sapBusinessOne:
            ServiceLayer(
                stored.definition, createdAt: stored.createdAt, faults: faults, changed: stored.changedItems,
                environment: environment)
        case .genericWebshop:
            Webshop(
                stored.definition, createdAt: stored.createdAt, faults: faults, database: database,
                environment: environment)
        case .directWebshop:
            DirectShop(
                stored.definition, createdAt: stored.createdAt, faults: faults, database: database,
                environment: environment)
        }
    }

    // MARK: Storing

    /// Stores what a request or an order has changed in a system beside its database tables.
    func save(_ system: any SimulatedSystem) async {
        let name = system.definition.name
        let faults = system.faults.takeChange() ? system.faults.active : nil
        let items = (system as? ServiceLayer)?.takeUnsaved() ?? []
        await save(name, faults: faults, items: items)
    }

    func saveMailboxFaults() async {
        guard mailbox.faults.takeChange() else { return }
        await save(SandboxAPI.mailboxName, faults: mailbox.faults.active, items: [])
    }

    private func save(_ place: String, faults: [ActiveFault]?, items: [(code: String, item: Item?)]) async {
        guard faults != nil || !items.isEmpty else { return }
        do {
            try await database.write { db in
                if let faults { try StoredFault.replace(at: place, faults, db) }
                for change in items { try StoredSystem.note(change, in: place, db) }
            }
        } catch {
            environment.logger.error(
                "A change of the sandbox will be forgotten at its next start.", metadata: ["error": "\(error)"])
        }
    }
}
