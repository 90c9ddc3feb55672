import CoreTypes
import RPC
import RPCTransport
import SchedulerAPI
import Synchronization
import TestInstallation

/// People who use the services while they are restarted. Each call is made once: what the client library does not get
/// through a restart is a failure.
final class ClientLoad: Sendable {
    private struct State {
        var answered = 0
        var failures: [String] = []
        var started: [(merchant: MerchantID, run: RunID)] = []
        var isStarting = true
    }

    private let world: World
    private let merchants: [Merchant]
    private let state = Mutex(State())

    init(_ world: World, _ merchants: [Merchant]) {
        self.world = world
        self.merchants = merchants
    }

    var answered: Int { state.withLock { $0.answered } }
    var failures: [String] { state.withLock { $0.failures } }
    func started(by merchant: Merchant) -> [RunID] {
        state.withLock { state in state.started.filter { $0.merchant == merchant.id }.map(\.run) }
    }

    /// Calls go on, runs are not started any more.
    func stopStarting() { state.withLock { $0.isStarting = false } }

    func askHealth(of service: String) async {
        let client = world.calls.newClient(of: service)
        while !Task.isCancelled {
            await call(CheckHealth(), on: client)
            try? await Task.sleep(for: .milliseconds(10))
        }
        await client.shutDown()
    }

    func read() async {
        let client = world.calls.newClient(of: "scheduler")
        while !Task.isCancelled {
            await call(ListRuns(limit: 20), on: client)
            await call(ListJobs(), on: client)
            try? await Task.sleep(for: .milliseconds(10))
        }
        await client.shutDown()
    }

    /// Starts the next run as soon as the one before has ended.
    func startRuns(of merchant: Merchant) async {
        let client = world.calls.newClient(of: "scheduler")
        while !Task.isCancelled, state.withLock({ $0.isStarting }) {
            let runs = await call(ListRuns(connectionID: merchant.connectionID, limit: 5), on: client)?.runs
            if let runs, !runs.contains(where: { $0.state.isActive }) {
                // A lost run may have been queued again since the list was read; that is no failure.
                let request = StartRun(connectionID: merchant.connectionID, reason: "load")
                if let answer = await call(request, on: client, forgiving: "run_already_active") {
                    state.withLock { $0.started.append((merchant.id, answer.runID)) }
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        await client.shutDown()
    }

    @discardableResult
    private func call<Request: RPCRequest>(
        _ request: Request, on client: RPCClient, forgiving reason: String? = nil
    ) async -> Request.Response? {
        let options = CallOptions(
            timeout: .seconds(15), idempotencyKey: Request.effect == .once ? world.calls.newKey() : nil,
            waitForReady: true)
        do throws(ServiceError) {
            let response = try await client.call(request, options: options)
            state.withLock { $0.answered += 1 }
            return response
        } catch {
            if error.status != .cancelled, error.reason != reason {
                state.withLock { $0.failures.append("\(Request.method): \(error)") }
            }
            return nil
        }
    }
}
