import CoreTypes
import Foundation
import JSON
import Keys
import MonitorAPI
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import MonitorService

/// A monitor in memory, called through its router.
struct MonitorFixture {
    let clock = ManualClock()
    let key: SigningKey
    let service: MonitorService
    let database: MonitorDatabase

    init(_ location: DatabaseLocation = .memory, crashPoints: CrashPoints = .none) throws {
        key = try SigningKey(rawRepresentation: Secret(Array(repeating: 7, count: 32)))
        database = try MonitorDatabase(location)
        service = MonitorService(
            database: database, signer: VerdictSigner(key: key),
            router: Router(service: "monitor", randomness: .counted()),
            environment: .test(clock: clock, crashPoints: crashPoints))
    }

    func close() throws { try database.database.close() }

    var importer: InProcessCaller { caller(.service(name: "importer", instance: "1")) }
    var anna: InProcessCaller { caller(.operator(name: "anna")) }
    var scheduler: InProcessCaller { caller(.service(name: "scheduler", instance: "1")) }

    func caller(_ peer: PeerIdentity) -> InProcessCaller { InProcessCaller(service.router, as: peer) }

    /// Judges, checks the signature and returns what was signed.
    func judge(_ evidence: ImportEvidence) async throws -> VerdictBody {
        try opened(try await importer.call(JudgeImport(evidence: evidence)).verdict)
    }

    /// What was signed.
    func opened(_ verdict: SignedVerdict) throws -> VerdictBody {
        try #require(try isSigned(verdict))
        return try JSON.decode(VerdictBody.self, from: verdict.body)
    }

    func isSigned(_ verdict: SignedVerdict) throws -> Bool {
        let signature = try #require(Data(base64Encoded: verdict.signature))
        return verdict.keyID == key.id && key.verifyingKey.isValid(Array(signature), for: Array(verdict.body.utf8))
    }

    func switchMonitoring(_ isOn: Bool, because reason: String = "Test") async throws {
        _ = try await anna.call(SetMonitoring(connectionID: .example, on: isOn, reason: reason))
    }

    /// Sets the rules that `change` makes of what holds.
    @discardableResult
    func setRules(
        of connection: ConnectionID = .example, because reason: String = "Test",
        _ change: (inout PolicyRules) -> Void
    ) async throws -> MonitoringPolicy {
        let held = try await anna.call(DescribePolicy(connectionID: connection)).policy
        var rules = held.rules
        change(&rules)
        return try await anna.call(
            SetPolicy(
                connectionID: connection, on: held.on, rules: rules, expectedVersion: held.version, reason: reason)
        ).policy
    }

    /// Agrees to just what holds a run.
    func approve(_ held: VerdictBody, validSeconds: Int? = nil) async throws -> ApproveImport.Response {
        try await anna.call(
            ApproveImport(
                runID: held.runID, holds: held.holds ?? [], reason: "The range really ended", validSeconds: validSeconds
            ))
    }

    func deliver(_ events: [DeliveredEvent]) async throws -> Int64 {
        try await scheduler.call(DeliverEvents<MonitorAPI>(generation: 1, events: events)).receivedUpTo
    }
}

extension RunFinished {
    /// A run that ended `minute` minutes after 06:00.
    static func ended(_ outcome: RunOutcome, reason: String, minute: Int) -> RunFinished {
        let finished = Instant.example + .seconds(minute * 60)
        return RunFinished(
            runID: Identifier(bytes: (1, UInt64(minute))), merchantID: .example, merchantName: "Nordlys Cykler",
            connectionID: .example, connectionLabel: "SAP > shop", sourceName: "SAP", targetName: "shop",
            modules: [.products], trigger: .schedule, startedBy: nil, startReason: nil,
            startedAt: finished - .seconds(30), finishedAt: finished, lastPublishedAt: nil, nextRunAt: nil,
            report: RunReport(outcome: outcome, reason: reason), traceparent: .example)
    }

    func delivered(_ sequence: Int64) throws -> DeliveredEvent {
        DeliveredEvent(sequence: sequence, type: Self.type, body: try JSON.encodeText(self))
    }
}

/// The reason a call fails with; nil when it succeeds.
func failure(_ call: () async throws -> some Any) async -> String? {
    do {
        _ = try await call()
        return nil
    } catch {
        return (error as? ServiceError)?.reason ?? "\(error)"
    }
}
