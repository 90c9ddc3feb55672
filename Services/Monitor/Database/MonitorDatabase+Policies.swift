import CoreTypes
import GRDB
import JSON
import MonitorAPI
import Persistence

extension MonitorDatabase {
    /// Changes how imports of a connection are judged; nothing is written when it is so already.
    ///
    /// - Parameters:
    ///   - expectedVersion: The version the change was made from; nil to change whatever holds.
    ///   - change: What is wanted, from what holds.
    /// - Throws: `aborted` (`policy_changed`) when another version holds and it is not what is wanted.
    func changePolicy(
        of connection: ConnectionID, expectedVersion: Int64? = nil, by person: String, because reason: String,
        at now: Instant, _ crashPoints: CrashPoints, _ change: @escaping @Sendable (inout PolicyState) -> Void
    ) async throws -> MonitoringPolicy {
        try await write(.changePolicy, crashPoints) { db in
            let held = try PolicyState.current(of: connection, db)
            var wanted = held
            change(&wanted)
            if wanted != held {
                if let expectedVersion, expectedVersion != held.version {
                    throw ServiceError(
                        .aborted, reason: "policy_changed",
                        arguments: ["expected": "\(expectedVersion)", "version": "\(held.version)"],
                        references: ["connection": "\(connection)"])
                }
                wanted.version = held.version + 1
                if wanted.rules.mustHave != held.rules.mustHave { wanted.mustHaveVersion = wanted.version }
                try wanted.insert(connection, by: person, because: reason, at: now, db)
            }
            return try Self.policy(of: connection, db)
        }
    }

    func policy(of connection: ConnectionID) async throws -> MonitoringPolicy {
        try await database.read { db in try Self.policy(of: connection, db) }
    }

    func mustHave(of connection: ConnectionID) async throws -> FetchRules.Response {
        try await database.read { db in
            let state = try PolicyState.current(of: connection, db)
            return FetchRules.Response(
                listVersion: state.mustHaveVersion, mustHave: state.isOn ? state.rules.mustHave : [])
        }
    }

    /// How an import of the connection is judged at `now`.
    static func judgingPolicy(of connection: ConnectionID, at now: Instant, _ db: Database) throws -> JudgingPolicy {
        let state = try PolicyState.current(of: connection, db)
        return JudgingPolicy(
            isMonitored: state.isOn, rules: state.rules, version: state.version,
            mustHaveVersion: state.mustHaveVersion, isShadow: state.rules.isShadow(at: now))
    }

    /// History is told as what changed from one version to the next; the oldest kept is told against what was before it.
    private static func policy(of connection: ConnectionID, _ db: Database) throws -> MonitoringPolicy {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT isOn, changedAt, changedBy, reason, version, rules, mustHaveVersion FROM policyChange
                WHERE connectionID = ? ORDER BY sequence DESC LIMIT 201
                """, arguments: [connection])
        let states = try rows.map(PolicyState.init)
        let current = states.first ?? PolicyState()
        let history = zip(rows, states).prefix(200).enumerated().map { index, change in
            let (row, state) = change
            let before = index + 1 < states.count ? states[index + 1] : PolicyState()
            return MonitoringChange(
                on: state.isOn, changedAt: row["changedAt"], changedBy: row["changedBy"], reason: row["reason"],
                version: state.version, changes: state.changes(from: before))
        }
        var policy = MonitoringPolicy(
            connectionID: connection, on: current.isOn, rules: current.rules, version: current.version,
            history: history)
        policy.shadow = try shadowPeriod(of: connection, db)
        return policy
    }
}

/// One version of a connection's policy. The product's promise is the check, so a connection that nobody has touched is
/// monitored.
struct PolicyState: Sendable, Equatable {
    var isOn = true
    var rules = PolicyRules()
    var version: Int64 = 0
    var mustHaveVersion: Int64 = 0

    init() {}

    init(_ row: Row) throws {
        isOn = row["isOn"]
        version = row["version"]
        mustHaveVersion = row["mustHaveVersion"]
        if let text = row["rules"] as String? { rules = try JSON.decode(PolicyRules.self, from: text) }
    }

    static func current(of connection: ConnectionID, _ db: Database) throws -> PolicyState {
        try Row.fetchOne(
            db,
            sql: """
                SELECT isOn, version, rules, mustHaveVersion FROM policyChange
                WHERE connectionID = ? ORDER BY sequence DESC LIMIT 1
                """, arguments: [connection]
        ).map(PolicyState.init) ?? PolicyState()
    }

    func insert(
        _ connection: ConnectionID, by person: String, because reason: String, at now: Instant, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO policyChange
                    (connectionID, isOn, changedAt, changedBy, reason, version, rules, mustHaveVersion)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                connection, isOn, now, person, reason, version, JSON.encodeText(rules), mustHaveVersion,
            ])
    }

    /// What is different, each setting in words.
    func changes(from before: PolicyState) -> [PolicyChange] {
        zip(before.settings, settings).compactMap { old, new in
            guard old.value != new.value || (new.name == "mustHave" && before.rules.mustHave != rules.mustHave) else {
                return nil
            }
            return PolicyChange(setting: new.name, before: old.value, after: new.value)
        }
    }

    private var settings: [(name: String, value: String)] {
        let totals = rules.controlTotals
        return [
            ("on", isOn ? "on" : "off"),
            ("tolerance", "\(rules.tolerance)"),
            ("dropGuard", rules.dropGuard.map { "\($0.items) and \($0.percent) %" } ?? "off"),
            ("priceChangePercent", totals.priceChangePercent.map { "\($0) %" } ?? "no limit"),
            ("zeroPrices", totals.zeroPrices.map { "\($0)" } ?? "no limit"),
            ("stockSumPercent", totals.stockSumPercent.map { "\($0) %" } ?? "no limit"),
            ("mustHave", "\(rules.mustHave.count)"),
            ("shadowUntil", rules.shadowUntil.map { "\($0)" } ?? "off"),
        ]
    }
}
