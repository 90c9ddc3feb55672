import CoreTypes
import GRDB
import JSON
import Persistence
import RPC

/// A row of `answeredCall`: what was answered to a call with an idempotency key.
struct AnsweredCallRecord: Codable, Sendable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "answeredCall"
    static let keptFor = Duration.seconds(72 * 3600)

    var caller: String
    var method: String
    var key: String
    var request: String
    var response: String
    var answeredAt: Instant

    /// Does `work` once per caller, method and key, and gives its answer again when the call comes again.
    ///
    /// A refused call is not kept: it changed nothing. Without a key the work is simply done.
    /// - Throws: ``SchedulerFault/idempotencyKeyReused`` for the same key with other parameters.
    static func once<Request: RPCRequest>(
        _ request: Request, _ context: CallContext, at now: Instant, _ db: Database,
        work: () throws -> Request.Response
    ) throws -> Request.Response {
        guard let key = context.idempotencyKey else { return try work() }
        guard (1...255).contains(key.utf8.count) else {
            throw SchedulerFault.textLength(field: "idempotencyKey", from: 1, to: 255)
        }
        let known = try fetchOne(
            db, sql: "SELECT * FROM answeredCall WHERE caller = ? AND method = ? AND key = ?",
            arguments: [context.peer.label, Request.method.rawValue, key])
        if let known {
            // As values: the order of a dictionary's members says nothing.
            guard try JSON.decode(Request.self, from: known.request) == request else {
                throw SchedulerFault.idempotencyKeyReused
            }
            return try JSON.decode(Request.Response.self, from: known.response)
        }
        let response = try work()
        try AnsweredCallRecord(
            caller: context.peer.label, method: Request.method.rawValue, key: key,
            request: JSON.encodeText(request), response: JSON.encodeText(response), answeredAt: now
        ).insert(db)
        return response
    }

    static func hasOld(at now: Instant, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM answeredCall WHERE answeredAt < ?)", arguments: [now - keptFor])
            ?? false
    }

    static func forgetOld(at now: Instant, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM answeredCall WHERE answeredAt < ?", arguments: [now - keptFor])
    }
}
