import GRDB
import Persistence
import Synchronization

/// Lets writes that wait at the same time share one commit, because what a commit costs is the disk's flush.
///
/// Each write has a savepoint of its own, so that one that throws undoes nothing of the others; none is answered before
/// the commit of them all is on the disk. A write that comes alone is committed alone and at once.
final class SharedCommits: Sendable {
    /// So that the first of many does not wait long for the last.
    static let writesMax = 32

    /// Does its work in the transaction, and returns what tells its caller once that is committed.
    private struct Write: Sendable {
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        var isCommitting = false
    }

    private let database: ServiceDatabase
    private let state = Mutex(State())

    init(_ database: ServiceDatabase) { self.database = database }

    /// - Returns: What `body` returned; it is on the disk by then.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(
                perform: { db in
                    let result = try Self.attempt(body, db)
                    return { continuation.resume(with: result) }
                },
                fail: { continuation.resume(throwing: $0) })
            let mustBegin = state.withLock { state in
                state.waiting.append(write)
                defer { state.isCommitting = true }
                return !state.isCommitting
            }
            // Unstructured: it serves every write that waits, and outlives the caller that began it.
            if mustBegin { Task { await commitAll() } }
        }
    }

    /// - Throws: What the disk refuses, which ends the transaction for all; everything else concerns this write alone.
    private static func attempt<Value>(
        _ body: (Database) throws -> Value, _ db: Database
    ) throws -> Result<Value, any Error> {
        do {
            var value: Value?
            try db.inSavepoint {
                value = try body(db)
                return .commit
            }
            guard let value else { preconditionFailure("a savepoint that was kept has a value") }
            return .success(value)
        } catch let error as DatabaseError where error.resultCode != .SQLITE_CONSTRAINT {
            throw error
        } catch {
            return .failure(error)
        }
    }

    private func commitAll() async {
        while let writes = next() {
            do {
                let endings = try await database.write { db in try writes.map { try $0.perform(db) } }
                for end in endings { end() }
            } catch {
                for write in writes { write.fail(error) }
            }
        }
    }

    private func next() -> [Write]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isCommitting = false
                return nil
            }
            defer { state.waiting.removeFirst(min(Self.writesMax, state.waiting.count)) }
            return Array(state.waiting.prefix(Self.writesMax))
        }
    }
}
