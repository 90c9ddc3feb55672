import CoreTypes
import Crypto
import FoundationEssentials
import GRDB
import Persistence

/// One chunk of an import, read and checked before the database is asked.
struct ShopChunk: Sendable {
    let checksum: String
    private let rows: [SimJSON]

    /// - Throws: `ShopProblem` when the body or its checksum is wrong. The checksum is over the bytes of the `rows`
    ///   array as they were sent.
    init(_ bytes: [UInt8]) throws {
        let (body, span): (SimJSON, Range<Int>?)
        do {
            (body, span) = try SimJSON.parsing(bytes, locating: "rows")
        } catch {
            throw ShopProblem.invalid("The body is no JSON: \(error)")
        }
        guard let span, let rows = body["rows"]?.elements, let checksum = body["checksum"]?.text else {
            throw ShopProblem.invalid("rows and checksum are needed.")
        }
        guard rows.count <= Webshop.chunkRowsMax else {
            throw ShopProblem(413, "too_large", "A chunk has at most \(Webshop.chunkRowsMax) rows.")
        }
        guard checksum == "sha256:" + hexText(SHA256.hash(data: bytes[span])) else {
            throw ShopProblem.invalid("checksum does not fit the rows.")
        }
        self.rows = rows
        self.checksum = checksum
    }

    /// Stages the rows that can be read; the answer names the others.
    func stage(in session: ShopImportRecord, number: Int, _ schema: ShopSchema, at now: Instant, _ db: Database) throws
        -> SimJSON
    {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO shopStagedRow (importRef, key, chunk, position, isDeletion, hash, body)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        var rejected: [SimJSON] = []
        for (position, row) in rows.enumerated() {
            switch schema.read(row) {
            case .accepted(let key, let isDeletion, let hash, let body):
                try insert.execute(arguments: [
                    session.ref, key, number, position, isDeletion, Data(hash), Data(body),
                ])
            case .rejected(let code, let message):
                rejected.append(["row": SimJSON(position), "code": .string(code), "message": .string(message)])
            }
        }
        let accepted = rows.count - rejected.count
        let answer: SimJSON = [
            "accepted": SimJSON(accepted), "rejected": .array(rejected),
            "staged_count": SimJSON(session.stagedCount + accepted),
        ]
        try note(answer, accepted: accepted, rejected: rejected, session, number, now, db)
        return answer
    }

    private func note(
        _ answer: SimJSON, accepted: Int, rejected: [SimJSON], _ session: ShopImportRecord, _ number: Int,
        _ now: Instant, _ db: Database
    ) throws {
        let earlier = (try? SimJSON(parsing: Array(session.firstErrors.utf8)))?.elements ?? []
        let placed = rejected.map { SimJSON.object([SimMember("chunk", SimJSON(number)), SimMember("error", $0)]) }
        let errors = SimJSON.array(Array((earlier + placed).prefix(20)))
        try db.execute(
            sql: """
                UPDATE shopImport SET stagedCount = stagedCount + ?, rejectedCount = rejectedCount + ?,
                    firstErrors = ?, lastActivityAt = ?
                WHERE ref = ?
                """,
            arguments: [
                accepted, rejected.count, String(decoding: errors.bytes, as: UTF8.self), now, session.ref,
            ])
        try db.execute(
            sql: "INSERT INTO shopChunk (importRef, number, checksum, answer) VALUES (?, ?, ?, ?)",
            arguments: [session.ref, number, checksum, String(decoding: answer.bytes, as: UTF8.self)])
    }
}
