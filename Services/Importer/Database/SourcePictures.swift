import Connectors
import CoreTypes
import GRDB
import JSON
import Persistence
import SchedulerAPI

/// What the sources' items looked like, per connection. Lost, it costs one run without a comparison.
extension ImporterDatabase {
    /// Keeps what a run has seen of its source, and tells what is otherwise than when the connection last published from
    /// here.
    func compare(
        _ picture: SourcePicture, mapped: [String], of connection: ConnectionID, by run: RunID
    ) async throws -> [SourceFieldChange] {
        let (published, known) = try await database.read { db -> (String?, String?) in
            let row = try Row.fetchOne(
                db, sql: "SELECT published, seen FROM sourcePicture WHERE connectionID = ?", arguments: [connection])
            return (row?["published"], row?["seen"])
        }
        let earlier = try published.map { try JSON.decode(SourcePicture.self, from: $0) }
        let seen = try JSON.encodeText(picture.keepingKinds(of: earlier))
        // As a rule nothing has changed, and nothing is written.
        if seen != published || seen != known {
            try await database.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO sourcePicture(connectionID, published, seen, seenBy) VALUES(?, ?, ?, ?)
                        ON CONFLICT(connectionID) DO UPDATE SET seen = excluded.seen, seenBy = excluded.seenBy
                        """, arguments: [connection, published, seen, run])
            }
        }
        return earlier.map { picture.changes(since: $0, mapped: Set(mapped)) } ?? []
    }

    /// A run has published: what it saw is what the next one is compared with.
    func acceptPicture(of connection: ConnectionID, by run: RunID) async throws {
        let isNew = try await database.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT published IS NOT seen FROM sourcePicture WHERE connectionID = ? AND seenBy = ?",
                arguments: [connection, run])
        }
        guard isNew == true else { return }
        try await database.write { db in
            try db.execute(
                sql: "UPDATE sourcePicture SET published = seen WHERE connectionID = ? AND seenBy = ?",
                arguments: [connection, run])
        }
    }
}
