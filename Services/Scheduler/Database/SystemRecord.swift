import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `system`. It holds credentials as ciphertext that the scheduler cannot open.
struct SystemRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord, PartlyFixedRecord {
    static let databaseTableName = "system"
    static let fixedColumns: Set = ["id", "merchantID", "createdAt", "createdBy"]

    var id: SystemID
    var merchantID: MerchantID
    var name: String
    var kind: SystemKind
    var baseURL: String {
        didSet { address = Self.address(of: baseURL) }
    }
    /// See ``address(of:)``.
    private(set) var address: String
    var options: [String: String]
    var keyID: String
    var encapsulatedKey: String
    var ciphertext: String
    var credentialsChangedAt: Instant
    var createdAt: Instant
    var createdBy: String

    static func find(_ id: SystemID, _ db: Database) throws -> SystemRecord {
        guard let system = try fetchOne(db, sql: "SELECT * FROM system WHERE id = ?", arguments: [id]) else {
            throw SchedulerFault.unknownSystem(id)
        }
        return system
    }

    static func all(of merchant: MerchantID, _ db: Database) throws -> [SystemRecord] {
        try fetchAll(
            db, sql: "SELECT * FROM system WHERE merchantID = ? ORDER BY createdAt, name", arguments: [merchant])
    }

    /// - Throws: ``SchedulerFault/nameTaken(name:by:)``
    func add(_ db: Database) throws {
        let other = try String.fetchOne(
            db, sql: "SELECT id FROM system WHERE merchantID = ? AND name = ?", arguments: [merchantID, name])
        if let other { throw SchedulerFault.nameTaken(name: name, by: other) }
        try insert(db)
    }

    /// A base URL as the network takes it: the host without case, no port where it is the usual one.
    static func address(of baseURL: String) -> String {
        let rest = baseURL.dropFirst("https://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].lowercased()
        return (authority.hasSuffix(":443") ? String(authority.dropLast(":443".count)) : authority) + rest[slash...]
    }

    /// What people see.
    var summary: SystemSummary {
        SystemSummary(
            systemID: id, merchantID: merchantID, name: name, kind: kind, baseURL: baseURL, options: options,
            sealedTo: keyID, credentialsChangedAt: credentialsChangedAt)
    }

    /// What importers get.
    var access: SystemAccess {
        SystemAccess(
            systemID: id, merchantID: merchantID, name: name, kind: kind, baseURL: baseURL, options: options,
            credentials: SealedText(keyID: keyID, encapsulatedKey: encapsulatedKey, ciphertext: ciphertext))
    }

    var endpoint: ConnectionSummary.Endpoint {
        ConnectionSummary.Endpoint(systemID: id, name: name, kind: kind)
    }
}
