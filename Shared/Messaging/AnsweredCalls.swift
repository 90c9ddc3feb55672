public import CoreTypes
public import GRDB
import JSON
import Persistence
public import RPC

/// Remembers what was answered to a call with an idempotency key, in the transaction of the call's effect: after a kill
/// at any moment either both are there or neither.
///
/// A service is the only process that writes its file, one transaction after the other. So a call that comes again while
/// the first one still runs waits for it and gets its answer.
public enum AnsweredCalls {
    /// A caller gives up long before; the hour more is for a clock that is set forward in between.
    public static let keptFor = Duration.seconds(73 * 3600)

    public static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("messaging-004-answered-calls") { db in
            // The scheduler had this very table first, by a migration of its own.
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS answeredCall (
                        caller TEXT NOT NULL,
                        method TEXT NOT NULL,
                        key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                        request TEXT NOT NULL,
                        response TEXT NOT NULL,
                        answeredAt INTEGER NOT NULL,
                        PRIMARY KEY (caller, method, key)
                    ) STRICT;
                    CREATE INDEX IF NOT EXISTS answeredCallByAge ON answeredCall (answeredAt);
                    """)
        }
    }

    /// Does `work` once per caller, method and key, and gives its answer again when the call comes again.
    ///
    /// A refused call is not kept: it changed nothing, and its key may be used once the reason is mended. Without a key
    /// the work is simply done.
    /// - Throws: `failedPrecondition` (`idempotency_key_reused`) for the same key with other parameters;
    ///   `invalidArgument` (`text_length`) for a key that is not 1 to 255 bytes long.
    public static func once<Request: RPCRequest>(
        _ request: Request, _ context: CallContext, at now: Instant, _ db: Database,
        work: () throws -> Request.Response
    ) throws -> Request.Response {
        guard let key = context.idempotencyKey else { return try work() }
        guard (1...255).contains(key.utf8.count) else {
            throw ServiceError(
                .invalidArgument, reason: "text_length",
                arguments: ["field": "idempotencyKey", "minimum": "1", "maximum": "255"])
        }
        // Another instance of the same service may repeat the request.
        let caller = context.peer.principal
        let method = Request.method.rawValue
        let known = try Row.fetchOne(
            db, sql: "SELECT request, response FROM answeredCall WHERE caller = ? AND method = ? AND key = ?",
            arguments: [caller, method, key])
        if let known {
            // As values: a member that an older version did not know is nothing.
            guard try JSON.decode(Request.self, from: known["request"] as String) == request else {
                throw ServiceError(
                    .failedPrecondition, reason: "idempotency_key_reused", arguments: ["method": method])
            }
            return try JSON.decode(Request.Response.self, from: known["response"] as String)
        }
        let response = try work()
        try db.execute(
            sql: """
                INSERT INTO answeredCall (caller, method, key, request, response, answeredAt) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [caller, method, key, JSON.encodeText(request), JSON.encodeText(response), now])
        return response
    }

    /// Whether ``forgetOld(at:_:)`` has anything to do.
    public static func hasOld(at now: Instant, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM answeredCall WHERE answeredAt < ?)", arguments: [now - keptFor])
            ?? false
    }

    /// Forgets answers that nobody can ask for any more, the oldest thousand at a time.
    public static func forgetOld(at now: Instant, _ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM answeredCall WHERE rowid IN
                    (SELECT rowid FROM answeredCall WHERE answeredAt < ? ORDER BY answeredAt LIMIT 1000)
                """, arguments: [now - keptFor])
    }
}
