import CoreTypes
import GRDB
import NotifierAPI
import Persistence

/// A mail to be written into the outbox.
struct NewMessage: Sendable {
    var messageID: MessageID
    var merchantID: MerchantID
    var incidentID: IncidentID?
    var purpose: MessagePurpose
    /// What it is about; the same cause and address are one mail.
    var cause: String
    /// For a recovery mail, the run that succeeded.
    var closedByRun: RunID?
    var recipient: RecipientChoice
    var mail: MailText
    var createdAt: Instant
}

/// A mail that an attempt is being made for.
struct DueMessage: Sendable, Equatable {
    var messageID: MessageID
    var address: String
    var subject: String
    var text: String
    var missingItems: String?
    var createdAt: Instant
    /// This attempt, from 1.
    var attempt: Int
    var firstAttemptAt: Instant
    var inReplyTo: MessageID?
}

/// The outbox of mails. All functions run in the caller's transaction; each move names the states it starts from.
enum MessageTable {
    /// - Returns: The id of the mail with this cause and address: the new one, or the one that is there already.
    @discardableResult
    static func insert(_ message: NewMessage, _ db: Database) throws -> MessageID {
        try db.execute(
            sql: """
                INSERT INTO message (messageID, merchantID, incidentID, purpose, cause, closedByRun, inReplyTo, address,
                    language, subject, text, missingItems, state, createdAt, attempts, nextAttemptAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?) ON CONFLICT (cause, address) DO NOTHING
                """,
            arguments: [
                message.messageID, message.merchantID, message.incidentID, message.purpose.rawValue, message.cause,
                message.closedByRun, try firstMail(message, db), message.recipient.address, message.recipient.language,
                message.mail.subject, message.mail.text, message.mail.missingItems, message.createdAt,
                message.createdAt,
            ])
        let stored = try MessageID.fetchOne(
            db, sql: "SELECT messageID FROM message WHERE cause = ? AND address = ?",
            arguments: [message.cause, message.recipient.address])
        return stored ?? message.messageID
    }

    /// What reminders and the recovery mail answer to, so that readers show one thread.
    private static func firstMail(_ message: NewMessage, _ db: Database) throws -> MessageID? {
        guard message.purpose != .incident else { return nil }
        return try MessageID.fetchOne(
            db,
            sql: """
                SELECT messageID FROM message WHERE address = ?1 AND purpose = 'incident' AND (incidentID = ?2
                    OR incidentID IN (SELECT incidentID FROM incident WHERE closedByRun = ?3))
                ORDER BY sequence LIMIT 1
                """, arguments: [message.recipient.address, message.incidentID, message.closedByRun])
    }

    /// The addresses that were told of the incidents a run has closed, or will be.
    static func addressesTold(ofIncidentsClosedBy run: RunID, _ db: Database) throws -> Set<String> {
        try Set(
            String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT address FROM message WHERE purpose IN ('incident', 'reminder')
                        AND incidentID IN (SELECT incidentID FROM incident WHERE closedByRun = ?)
                    """, arguments: [run]))
    }

    static func list(_ request: ListMessages, limit: Int, _ db: Database) throws -> [Message] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM message WHERE (?1 IS NULL OR merchantID = ?1) AND (?2 IS NULL OR state = ?2)
                    AND (?3 IS NULL OR sequence < ?3) ORDER BY sequence DESC LIMIT ?4
                """, arguments: [request.merchantID, request.state?.rawValue, request.before, limit]
        ).map(message)
    }

    /// The mails about an incident: its own and the recovery mail of the run that closed it.
    static func list(about incident: IncidentID, _ db: Database) throws -> [Message] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM message WHERE incidentID = ?1
                    OR closedByRun = (SELECT closedByRun FROM incident WHERE incidentID = ?1)
                ORDER BY sequence LIMIT 200
                """, arguments: [incident]
        ).map(message)
    }

    static func find(_ id: MessageID, _ db: Database) throws -> (message: Message, text: String)? {
        try Row.fetchOne(db, sql: "SELECT * FROM message WHERE messageID = ?", arguments: [id]).map { row in
            (try message(row), row["text"])
        }
    }

    private static func message(_ row: Row) throws -> Message {
        guard let purpose = MessagePurpose(rawValue: row["purpose"]) else { throw storedWordUnknown(row["purpose"]) }
        guard let state = MessageState(rawValue: row["state"]) else { throw storedWordUnknown(row["state"]) }
        return Message(
            messageID: row["messageID"], sequence: row["sequence"], merchantID: row["merchantID"],
            incidentID: row["incidentID"], purpose: purpose, address: row["address"], language: row["language"],
            subject: row["subject"], state: state, createdAt: row["createdAt"], attempts: row["attempts"],
            nextAttemptAt: row["nextAttemptAt"], acceptedAt: row["acceptedAt"], lastError: row["lastError"])
    }
}
