import CoreTypes
import Synchronization

/// The runs tasks of this process are at work on; the others in the journal are leftovers.
final class RunsInHand: Sendable {
    private let runs = Mutex<Set<RunID>>([])

    func contains(_ run: RunID) -> Bool { runs.withLock { $0.contains(run) } }

    func holding<Value>(_ run: RunID, _ body: () async throws -> Value) async rethrows -> Value {
        runs.withLock { _ = $0.insert(run) }
        defer { runs.withLock { _ = $0.remove(run) } }
        return try await body()
    }
}
