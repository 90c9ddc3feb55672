import CoreTypes
import GRDB
import NotifierAPI
import Persistence

extension MessageTable {
    /// Takes the mails that are due, the longest due first, and notes the attempt.
    ///
    /// A recovery mail is due once a mail about what it closes has been accepted and none is on its way any more.
    /// - Parameter latest: No pause is so long; a time after it is one of before the clock was set back.
    static func claimDue(limit: Int, at now: Instant, latest: Instant, _ db: Database) throws -> [DueMessage] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM message WHERE state IN ('queued', 'retrying')
                    AND (nextAttemptAt <= ?1 OR nextAttemptAt > ?3)
                    AND (closedByRun IS NULL OR (\(told(where: "earlier.state = 'accepted'"))
                        AND NOT \(told(where: "earlier.state IN ('queued', 'sending', 'retrying')"))))
                ORDER BY nextAttemptAt, sequence LIMIT ?2
                """, arguments: [now, limit, latest])
        return try rows.map { row in
            let due = DueMessage(
                messageID: row["messageID"], address: row["address"], subject: row["subject"], text: row["text"],
                missingItems: row["missingItems"],
                createdAt: row["createdAt"], attempt: row["attempts"] + 1, firstAttemptAt: row["firstAttemptAt"] ?? now,
                inReplyTo: row["inReplyTo"])
            try db.execute(
                sql: """
                    UPDATE message SET state = 'sending', attempts = ?, firstAttemptAt = ?, nextAttemptAt = NULL
                    WHERE messageID = ? AND state IN ('queued', 'retrying')
                    """, arguments: [due.attempt, due.firstAttemptAt, due.messageID])
            return due
        }
    }

    /// Parks recovery mails to those who never heard of the incident, for all mails about it were given up.
    static func parkUnannouncedRecoveries(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE message SET state = 'parked', nextAttemptAt = NULL, lastError = 'the first mail did not go out'
                WHERE purpose = 'recovery' AND state IN ('queued', 'retrying')
                    AND NOT \(told(where: "earlier.state != 'parked'"))
                """)
    }

    private static func told(where condition: String) -> String {
        """
        EXISTS (SELECT 1 FROM message AS earlier JOIN incident ON incident.incidentID = earlier.incidentID
            WHERE incident.closedByRun = message.closedByRun AND earlier.address = message.address
            AND earlier.purpose IN ('incident', 'reminder') AND \(condition))
        """
    }

    static func noteAccepted(_ id: MessageID, _ answer: String, at now: Instant, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE message SET state = 'accepted', acceptedAt = ?, nextAttemptAt = NULL, lastError = NULL
                WHERE messageID = ? AND state = 'sending'
                """, arguments: [now, id])
    }

    static func noteDelay(_ id: MessageID, _ error: String, until next: Instant, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE message SET state = 'retrying', nextAttemptAt = ?, lastError = ?
                WHERE messageID = ? AND state = 'sending'
                """, arguments: [next, String(error.prefix(300)), id])
    }

    static func notePark(_ id: MessageID, _ error: String, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE message SET state = 'parked', nextAttemptAt = NULL, lastError = ?
                WHERE messageID = ? AND state = 'sending'
                """, arguments: [String(error.prefix(300)), id])
    }

    /// What people should know of mails that could not be sent, as long as what they are about lasts.
    static func healthNotes(_ db: Database) throws -> [String] {
        let count =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM message JOIN incident ON incident.incidentID = message.incidentID
                    WHERE message.state = 'parked' AND incident.closedAt IS NULL
                    """) ?? 0
        guard count > 0 else { return [] }
        return [
            "\(count) \(count == 1 ? "mail" : "mails") about what is wrong now could not be sent: see "
                + "'sluice mail list --state parked' and 'sluice mail resend'."
        ]
    }

    /// Puts a parked mail back in the queue, with a new 24 hours.
    static func requeue(_ id: MessageID, at now: Instant, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE message SET state = 'queued', nextAttemptAt = ?, firstAttemptAt = NULL, attempts = 0
                WHERE messageID = ? AND state = 'parked'
                """, arguments: [now, id])
    }

    /// The wall clock was set: what waits, waits as long as it would have.
    static func moveTimes(by step: Duration, writtenBefore: Instant, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE message SET nextAttemptAt = nextAttemptAt + ?1, firstAttemptAt = firstAttemptAt + ?1
                WHERE state IN ('queued', 'sending', 'retrying') AND createdAt <= ?2
                """, arguments: [step.wholeMilliseconds, writtenBefore])
    }

    /// Mails whose attempt was cut off, by the end of the process or because its answer could not be noted, are tried
    /// again; a mail that had arrived comes twice then, with the same Message-ID.
    static func requeueInterrupted(at next: Instant, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE message SET state = 'retrying', nextAttemptAt = ? WHERE state = 'sending'", arguments: [next])
    }
}
