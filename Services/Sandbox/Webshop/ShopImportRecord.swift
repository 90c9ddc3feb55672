import CoreTypes
import GRDB
import Persistence

/// One import session as it is stored.
struct ShopImportRecord: FetchableRecord {
    static let idleLimit = Duration.seconds(30 * 60)
    static let columns =
        """
        shopImport.*, shopDataset.name AS dataset, shopDataset.system AS system,
        shopDataset.liveVersion AS liveVersion, shopDataset.lastVersion AS lastVersion
        """
    static let joined = "shopImport JOIN shopDataset ON shopDataset.ref = shopImport.datasetRef"

    var ref: Int64
    var id: String
    var datasetRef: Int64
    var dataset: String
    var mode: String
    var state: String
    var expectedCount: Int
    var allowShrink: Bool
    var source: String
    var connection: String?
    var runID: String?
    var fencingToken: Int64?
    var stagedCount: Int
    var rejectedCount: Int
    var firstErrors: String
    var result: String?
    var createdAt: Instant
    var lastActivityAt: Instant
    var liveVersion: Int64
    var lastVersion: Int64

    init(row: Row) {
        ref = row["ref"]
        id = row["id"]
        datasetRef = row["datasetRef"]
        dataset = row["dataset"]
        mode = row["mode"]
        state = row["state"]
        expectedCount = row["expectedCount"]
        allowShrink = row["allowShrink"]
        source = row["source"]
        connection = row["connection"]
        runID = row["runID"]
        fencingToken = row["fencingToken"]
        stagedCount = row["stagedCount"]
        rejectedCount = row["rejectedCount"]
        firstErrors = row["firstErrors"]
        result = row["result"]
        createdAt = row["createdAt"]
        lastActivityAt = row["lastActivityAt"]
        liveVersion = row["liveVersion"]
        lastVersion = row["lastVersion"]
    }

    static func find(_ id: String, system: String, _ db: Database) throws -> ShopImportRecord? {
        try fetchOne(
            db, sql: "SELECT \(columns) FROM \(joined) WHERE shopImport.id = ? AND shopDataset.system = ?",
            arguments: [id, system])
    }

    var expiresAt: Instant { lastActivityAt + Self.idleLimit }

    var sourceJSON: SimJSON { (try? SimJSON(parsing: Array(source.utf8))) ?? .null }

    func distinctCount(_ db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT COUNT(DISTINCT key) FROM shopStagedRow WHERE importRef = ?", arguments: [ref]) ?? 0
    }

    func chunkNumbers(_ db: Database) throws -> [Int] {
        try Int.fetchAll(
            db, sql: "SELECT number FROM shopChunk WHERE importRef = ? ORDER BY number", arguments: [ref])
    }

    /// Ends the session and forgets what it staged. Live rows are untouched.
    func drop(as newState: String, _ db: Database) throws {
        try db.execute(sql: "UPDATE shopImport SET state = ? WHERE ref = ?", arguments: [newState, ref])
        try db.execute(sql: "DELETE FROM shopStagedRow WHERE importRef = ?", arguments: [ref])
        try db.execute(sql: "DELETE FROM shopChunk WHERE importRef = ?", arguments: [ref])
    }

    /// The session as the interface shows it.
    func json(_ db: Database) throws -> SimJSON {
        let errors = (try? SimJSON(parsing: Array(firstErrors.utf8))) ?? []
        let result = try result.map { try SimJSON(parsing: Array($0.utf8)) } ?? .null
        return [
            "id": .string(id), "dataset": .string(dataset), "mode": .string(mode), "state": .string(state),
            "expected_count": SimJSON(expectedCount), "staged_count": SimJSON(stagedCount),
            "distinct_count": SimJSON(try distinctCount(db)), "rejected_count": SimJSON(rejectedCount),
            "chunks": SimJSON(try chunkNumbers(db).count), "first_errors": errors, "source": sourceJSON,
            "created_at": .string(createdAt.description), "expires_at": .string(expiresAt.description),
            "result": result,
        ]
    }
}
