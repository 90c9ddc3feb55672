import Connectors
import CoreTypes
import FoundationEssentials
import GRDB
import JSON
import Persistence
import SchedulerAPI
import Staging

/// Enters what has to be done at a shop without staging into a journal.
///
/// The order is fixed: products, prices and stock are put first, then what is to go is removed the other way round, so that
/// no price stands without its product on the way.
struct JournalPlan: Sendable {
    let journal: PublishJournal
    let target: any DirectTarget

    /// Enters the rows of one module.
    ///
    /// - Parameter next: The batches of the staged set: all rows in full mode, else those that differ.
    /// - Returns: The upload with the figures of what really differs at the shop.
    func enter(
        _ upload: PlannedUpload, next: () async throws -> UploadBatch?
    ) async throws -> PlannedUpload {
        var upload = upload
        if upload.mode == .full {
            // What the shop has is not known here, so it is read, and compared with what it shall have.
            try await list(upload.module)
            (upload.created, upload.updated, upload.removed) = (0, 0, 0)
        }
        while let batch = try await next() {
            let rows = try rows(of: batch, upload.module)
            let figures = try await enter(rows, of: upload.module, isFull: upload.mode == .full)
            upload.created += figures.created
            upload.updated += figures.updated
        }
        if upload.mode == .full { upload.removed = try await removeUnlisted(upload.module) }
        upload.count = upload.created + upload.updated + upload.removed
        return upload
    }

    /// After the last module: now nothing is entered any more.
    func finish() async throws {
        try await journal.database.write { db in
            for module in [Module.stock, .prices, .products] {
                try db.execute(
                    sql: """
                        INSERT INTO pushedRow (module, key) SELECT module, key FROM removal WHERE module = ? ORDER BY key
                        """, arguments: [module.rawValue])
            }
            try db.execute(sql: "DELETE FROM removal; UPDATE publish SET state = 'planned'")
        }
    }

    // MARK: What the shop has

    private func list(_ module: Module) async throws {
        var cursor: String?
        repeat {
            let page = try await target.rowPage(of: module, after: cursor)
            try await journal.database.write { db in
                let insert = try db.makeStatement(sql: "INSERT OR REPLACE INTO listed VALUES (?, ?, ?)")
                for row in page.rows {
                    try insert.execute(arguments: [module.rawValue, row.key, Data(row.content.bytes)])
                }
            }
            cursor = page.cursor
        } while cursor != nil
    }

    /// What is left of the list was not staged.
    private func removeUnlisted(_ module: Module) async throws -> Int {
        try await journal.database.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO removal SELECT module, key FROM listed WHERE module = ?",
                arguments: [module.rawValue])
            try db.execute(sql: "DELETE FROM listed WHERE module = ?", arguments: [module.rawValue])
            return try Int.fetchOne(
                db, sql: "SELECT count(*) FROM removal WHERE module = ?", arguments: [module.rawValue]) ?? 0
        }
    }

    // MARK: What it shall have

    private struct StagedRow: Sendable {
        var described: DescribedRow
        var bytes: [UInt8]
    }

    private func rows(of batch: UploadBatch, _ module: Module) throws -> [StagedRow] {
        try batch.rows.withUnsafeBytes { bytes in
            try JSON.scan(bytes) { list in
                var rows: [StagedRow] = []
                try list.forEachElement { row in
                    let bytes = Array(row.rawBytes)
                    rows.append(StagedRow(described: try target.describe(bytes, of: module), bytes: bytes))
                }
                return rows
            }
        }
    }

    /// In full mode the difference counts created and updated rows; else the staged set has counted them already.
    private func enter(
        _ rows: [StagedRow], of module: Module, isFull: Bool
    ) async throws -> (created: Int, updated: Int) {
        try await journal.database.write { db in
            var figures = (created: 0, updated: 0)
            for row in rows {
                let key = row.described.key
                guard let content = row.described.content else {
                    try db.execute(
                        sql: "INSERT OR IGNORE INTO removal VALUES (?, ?)", arguments: [module.rawValue, key])
                    continue
                }
                if isFull {
                    let known = try Data.fetchOne(
                        db, sql: "DELETE FROM listed WHERE module = ? AND key = ? RETURNING content",
                        arguments: [module.rawValue, key])
                    if known == Data(content.bytes) { continue }
                    if known == nil { figures.created += 1 } else { figures.updated += 1 }
                }
                try db.execute(
                    sql: "INSERT INTO pushedRow (module, key, sent, sentContent) VALUES (?, ?, ?, ?)",
                    arguments: [module.rawValue, key, Data(row.bytes), Data(content.bytes)])
            }
            return figures
        }
    }
}
