import BillingAPI
import CoreTypes
import GRDB
import RPC
import RPCTransport
import SchedulerAPI
import Synchronization
import TestInstallation
import TestSupport

/// Merchants put on plans as fast as billing takes it, each plan of another name; remembers which were acknowledged.
final class PlanLoad: Sendable {
    private struct State {
        var next = 0
        var acknowledged: Set<Int> = []
        var refusals: [ServiceError] = []
        var merchant = MerchantID.example
        var ids = Randomness.seeded(41)
    }

    private let calls: Calls
    private let state = Mutex(State())

    init(_ calls: Calls) { self.calls = calls }

    /// The numbers billing has said it stored.
    var acknowledged: Set<Int> { state.withLock { $0.acknowledged } }
    var refusals: [ServiceError] { state.withLock { $0.refusals } }

    /// Runs beside `body` and ends with it.
    ///
    /// - Parameter callers: How many calls are in flight at once.
    func run<Value: Sendable>(callers: Int = 4, during body: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers { group.addTask { await self.write() } }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    private func write() async {
        let client = calls.newClient(of: "billing")
        while !Task.isCancelled {
            let (number, merchant) = state.withLock { state -> (Int, MerchantID) in
                state.next += 1
                return (state.next, state.ids.makeID())
            }
            do throws(ServiceError) {
                // Not sent again by itself: each refusal is to be seen.
                let options = CallOptions(timeout: .seconds(5), waitForReady: true)
                _ = try await client.call(Self.request(number, of: merchant), options: options)
                // Read pages come from the disk now and then, as in life.
                if number % 8 == 0 { _ = try await client.call(DescribePlan(merchantID: merchant)) }
                state.withLock { state in
                    state.acknowledged.insert(number)
                    state.merchant = merchant
                }
            } catch {
                guard !Task.isCancelled else { break }
                state.withLock { $0.refusals.append(error) }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        await client.shutDown()
    }

    private static func request(_ number: Int, of merchant: MerchantID) -> SetPlan {
        SetPlan(
            merchantID: merchant, plan: Plan(name: name(number), fee: Money(minorUnits: 100, currency: "DKK")),
            reason: String(repeating: "Because of the disk. ", count: 8))
    }

    private static func name(_ number: Int) -> String { "plan \(number)" }

    /// Waits for so many more acknowledgements.
    func acknowledges(_ more: Int, within limit: Duration = .seconds(20)) async throws {
        let goal = acknowledged.count + more
        _ = try await eventually("\(more) more plans stored", within: limit, every: .milliseconds(1)) {
            self.state.withLock { $0.acknowledged.count } >= goal ? true : nil
        }
    }

    /// Waits for so many more refusals.
    func isRefused(_ more: Int, within limit: Duration = .seconds(20)) async throws {
        let goal = refusals.count + more
        _ = try await eventually("\(more) more calls refused", within: limit, every: .milliseconds(1)) {
            self.state.withLock { $0.refusals.count } >= goal ? true : nil
        }
    }

    /// Whether billing still tells what it stored last.
    func isReadable() async throws -> Bool {
        let merchant = state.withLock { $0.merchant }
        return try await !calls(DescribePlan(merchantID: merchant)).history.isEmpty
    }

    /// What is wrong with a billing database: what SQLite finds, and what was acknowledged and is not there.
    static func problems(of path: String, acknowledged: Set<Int>) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            let faults = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let found = Set(try String.fetchAll(db, sql: "SELECT name FROM plan"))
            return faults + acknowledged.filter { !found.contains(name($0)) }.sorted().map { "\(name($0)) is lost" }
        }
    }
}
