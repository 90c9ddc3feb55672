import CoreTypes
import FoundationEssentials
import GRDB
import Persistence
import SandboxAPI
import ServiceRuntime

/// The mails the sandbox has taken, and how its mail server misbehaves.
final class Mailbox: Sendable {
    /// The oldest go when there are more.
    static let mailsMax = 10_000

    let database: ServiceDatabase
    let environment: ServiceEnvironment
    let faults: FaultBoard

    init(database: ServiceDatabase, environment: ServiceEnvironment, faults: FaultBoard) {
        self.database = database
        self.environment = environment
        self.faults = faults
    }

    struct StoredMail: Sendable {
        var summary: MailSummary
        var encrypted: Bool
        var user: String?
        var raw: [UInt8]
    }

    /// Stored when this returns.
    func store(_ mail: SMTPDialogue.Mail) async throws {
        let now = environment.wallClock.now()
        let subject = MailMessage(mail.raw).headers.first { $0.name.lowercased() == "subject" }?.value ?? ""
        try await database.write { db in
            try db.execute(
                sql: "INSERT INTO mail (receivedAt, sender, subject, encrypted, user, raw) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [now, mail.sender, subject, mail.isEncrypted, mail.user, Data(mail.raw)])
            let id = db.lastInsertedRowID
            for (position, address) in mail.recipients.enumerated() {
                try db.execute(
                    sql: "INSERT INTO mailRecipient (mailID, position, address) VALUES (?, ?, ?)",
                    arguments: [id, position, address])
            }
            try db.execute(sql: "DELETE FROM mail WHERE id <= ?", arguments: [id - Int64(Self.mailsMax)])
        }
    }

    /// The newest first.
    func list(recipient: String?, after: Int64?, limit: Int) async throws -> (mails: [MailSummary], total: Int) {
        try await database.read { db in
            let condition =
                recipient == nil
                ? "1" : "id IN (SELECT mailID FROM mailRecipient WHERE address = ? COLLATE NOCASE)"
            let arguments: StatementArguments = recipient.map { [$0] } ?? []
            let total =
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM mail WHERE \(condition)", arguments: arguments) ?? 0
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, receivedAt, sender, subject FROM mail WHERE \(condition) AND id > ?
                    ORDER BY id DESC LIMIT \(limit)
                    """, arguments: arguments + [after ?? 0])
            return (try rows.map { try Self.summary($0, db) }, total)
        }
    }

    func read(_ id: Int64) async throws -> StoredMail? {
        try await database.read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM mail WHERE id = ?", arguments: [id]) else {
                return nil
            }
            let raw: Data = row["raw"]
            return StoredMail(
                summary: try Self.summary(row, db), encrypted: row["encrypted"], user: row["user"], raw: Array(raw))
        }
    }

    func clear() async throws -> Int {
        try await database.write { db in
            try db.execute(sql: "DELETE FROM mail")
            return db.changesCount
        }
    }

    private static func summary(_ row: Row, _ db: Database) throws -> MailSummary {
        let id: Int64 = row["id"]
        let recipients = try String.fetchAll(
            db, sql: "SELECT address FROM mailRecipient WHERE mailID = ? ORDER BY position", arguments: [id])
        return MailSummary(
            id: id, receivedAt: row["receivedAt"], sender: row["sender"], recipients: recipients,
            subject: row["subject"])
    }
}
