import CoreTypes
import Logging
import SchedulerAPI
import ServiceLifecycle
import ServiceRuntime
import Synchronization

/// Takes up what was left at shops without staging, each connection in a task of its own: bringing a publish to its end row
/// by row may take an hour, and nobody else's run shall be lost meanwhile.
struct LeftPushes: Service {
    let recovery: Recovery
    let interval: Duration
    private let atWork = Connections()

    init(recovery: Recovery, interval: Duration) {
        self.recovery = recovery
        self.interval = interval
    }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                for (connection, runs) in await left() where atWork.begin(connection) {
                    group.addTask {
                        for run in runs { await recovery.takeUp(run.claim.runID) }
                        atWork.end(connection)
                    }
                }
                try? await cancelWhenGracefulShutdown { try await environment.clock.sleep(for: interval) }
            }
        }
    }

    private func left() async -> [ConnectionID: [JournaledRun]] {
        do {
            return Dictionary(grouping: try await recovery.left(.rowByRow), by: \.claim.connectionID)
        } catch {
            environment.logger.error(
                "What was left at shops without staging cannot be read, and will be again.",
                metadata: ["error": "\(error)"])
            return [:]
        }
    }

    private var environment: ServiceEnvironment { recovery.context.environment }
}

/// The connections a task is at work on.
private final class Connections: Sendable {
    private let connections = Mutex<Set<ConnectionID>>([])

    /// - Returns: false when one is already.
    func begin(_ connection: ConnectionID) -> Bool { connections.withLock { $0.insert(connection).inserted } }
    func end(_ connection: ConnectionID) { connections.withLock { _ = $0.remove(connection) } }
}
