import CoreTypes
import GRDB
import JSON
import MonitorAPI
import Persistence
import SchedulerAPI

/// What a person agrees to.
struct Agreement: Sendable {
    var runID: RunID
    /// As the person was shown them.
    var holds: [Hold]
    var by: String
    var reason: String
    var validity: Duration
}

extension MonitorDatabase {
    /// What was staged is kept for a day, and a day old it says little of the source.
    static let approvableFor = Duration.seconds(86_400)

    /// Records that a held run may be published, for what was shown. An agreement that still holds is answered again.
    ///
    /// - Throws: `notFound` (`evidence_not_found`); `failedPrecondition`: `approval_not_held`, `approval_figures_differ`,
    ///   `approval_too_late`, or `approval_overtaken` when a later run of the connection has succeeded.
    func approve(
        _ agreement: Agreement, signer: VerdictSigner, at now: Instant, _ crashPoints: CrashPoints
    ) async throws -> ApproveImport.Response {
        try await write(.approve, crashPoints) { db in
            guard let held = try Self.lastVerdict(of: agreement.runID, db) else {
                throw ServiceError(.notFound, reason: "evidence_not_found", arguments: ["id": "\(agreement.runID)"])
            }
            var body = held.body
            try Self.check(agreement, against: body, at: now, db)
            if let stored = try Self.lastApproval(of: agreement.runID, db), now < stored.approval.expiresAt {
                return stored
            }
            guard try !Self.isOvertaken(held, db) else { throw Self.refusal("approval_overtaken", agreement.runID) }
            let approval = Approval(
                runID: agreement.runID, by: agreement.by, reason: agreement.reason, at: now,
                expiresAt: min(now + agreement.validity, body.judgedAt + Self.approvableFor), holds: agreement.holds)
            body.approval = approval
            body.expiresAt = approval.expiresAt
            let response = ApproveImport.Response(approval: approval, verdict: try signer.sign(body))
            try Self.insert(response, held, db)
            return response
        }
    }

    /// The agreement that covers what a releasing run was found to do; nil when there is none, or it does more.
    ///
    /// The set has to be the very one that was held. An agreement with what an earlier release of it was held for counts as
    /// well: the shop had changed since, and the person was shown the new figures.
    static func approval(
        of run: RunID, covering holds: [Hold], of evidence: ImportEvidence, at now: Instant, _ db: Database
    ) throws -> Approval? {
        guard !holds.isEmpty else { return nil }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT approval, body FROM approval
                WHERE runID IN (SELECT ?1 UNION ALL SELECT runID FROM verdict WHERE releases = ?1)
                    AND connectionID = ?2 AND expiresAt > ?3
                ORDER BY sequence DESC LIMIT 20
                """, arguments: [run, evidence.connectionID, now])
        for row in rows {
            let approval = try JSON.decode(Approval.self, from: row["approval"] as String)
            let body = try JSON.decode(VerdictBody.self, from: row["body"] as String)
            guard body.stagedDigest == evidence.stagedDigest else { continue }
            if holds.allSatisfy({ hold in approval.holds.contains { $0.covers(hold) } }) { return approval }
        }
        return nil
    }

    static func lastApproval(of run: RunID, _ db: Database) throws -> ApproveImport.Response? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT approval, body, signature, keyID FROM approval WHERE runID = ? ORDER BY sequence DESC LIMIT 1
                """, arguments: [run]
        ).map { row in
            ApproveImport.Response(
                approval: try JSON.decode(Approval.self, from: row["approval"] as String),
                verdict: SignedVerdict(body: row["body"], signature: row["signature"], keyID: row["keyID"]))
        }
    }

    private static func check(
        _ agreement: Agreement, against body: VerdictBody, at now: Instant, _ db: Database
    ) throws {
        guard body.isHeld, let holds = body.holds else { throw refusal("approval_not_held", agreement.runID) }
        guard agreement.holds == holds else { throw refusal("approval_figures_differ", agreement.runID) }
        guard now < body.judgedAt + approvableFor else { throw refusal("approval_too_late", agreement.runID) }
    }

    private static func refusal(_ reason: String, _ run: RunID) -> ServiceError {
        ServiceError(.failedPrecondition, reason: reason, references: ["run": "\(run)"])
    }

    /// Whether a run that was judged later has brought the shop up to date.
    private static func isOvertaken(_ held: JudgedRun, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM verdict JOIN run ON run.runID = verdict.runID
                    WHERE verdict.connectionID = ? AND verdict.sequence > ? AND verdict.runID <> ?
                        AND run.outcome IN ('published', 'unchanged'))
                """, arguments: [held.body.connectionID, held.sequence, held.body.runID]) ?? false
    }

    private static func insert(_ response: ApproveImport.Response, _ held: JudgedRun, _ db: Database) throws {
        let approval = response.approval
        try db.execute(
            sql: """
                INSERT INTO approval (runID, merchantID, connectionID, approvedAt, expiresAt, approval, body, signature,
                    keyID)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                approval.runID, held.merchantID, held.body.connectionID, approval.at, approval.expiresAt,
                JSON.encodeText(approval), response.verdict.body, response.verdict.signature, response.verdict.keyID,
            ])
    }
}

/// The last read of a run that was judged.
struct JudgedRun {
    var sequence: Int64
    var merchantID: MerchantID
    /// As it is kept, JSON.
    var evidence: String
    var body: VerdictBody
}

extension MonitorDatabase {
    static func lastVerdict(of run: RunID, _ db: Database) throws -> JudgedRun? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT sequence, merchantID, evidence, body FROM verdict WHERE runID = ? ORDER BY sequence DESC LIMIT 1
                """, arguments: [run]
        ).map { row in
            JudgedRun(
                sequence: row["sequence"], merchantID: row["merchantID"], evidence: row["evidence"],
                body: try JSON.decode(VerdictBody.self, from: row["body"] as String))
        }
    }
}
