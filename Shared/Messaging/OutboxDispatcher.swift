public import CoreTypes
import GRDB
public import Persistence
import RPC
import Synchronization

/// Carries a batch to a consumer; the transport under outbox and inbox.
public protocol Courier: Sendable {
    /// - Returns: The highest sequence the consumer has stored with all before it.
    func deliver(_ batch: EventBatch, to consumer: String) async throws -> Int64
}

/// Delivers the outbox: one pass hands each consumer its oldest waiting events.
public final class OutboxDispatcher: Sendable {
    private let database: ServiceDatabase
    private let courier: any Courier
    private let clock: any Clock<Duration>
    private let randomness: Randomness
    private let crashPoints: CrashPoints
    private let report: @Sendable (_ consumer: String, _ attempts: Int, _ error: any Error) -> Void
    private let pauses = Mutex<[String: Pause]>([:])
    private let backoff = Backoff(first: .milliseconds(500), longest: .seconds(30))
    private let started: @Sendable () -> Duration

    /// Between two durable steps here: the batch is taken, the consumer has it, the producer has forgotten it.
    public static let crashPoints = [taken, delivered, removed]
    private static let taken = "outbox.taken"
    private static let delivered = "outbox.delivered"
    private static let removed = "outbox.removed"

    private struct Pause {
        var attempts: Int
        var until: Duration
    }

    /// - Parameter report: Called for each failed delivery, for the log.
    public init<C: Clock<Duration>>(
        database: ServiceDatabase, courier: any Courier, clock: C, randomness: Randomness,
        crashPoints: CrashPoints = .none,
        report: @escaping @Sendable (_ consumer: String, _ attempts: Int, _ error: any Error) -> Void = { _, _, _ in }
    ) {
        self.database = database
        self.courier = courier
        self.clock = clock
        self.randomness = randomness
        self.crashPoints = crashPoints
        self.report = report
        let beginning = clock.now
        started = { beginning.duration(to: clock.now) }
    }

    /// - Returns: Whether anything was delivered, so that the loop runs again at once.
    public func pass() async throws -> Bool {
        let consumers = try await database.read { db in try Outbox.waitingConsumers(db) }
        var delivered = false
        for consumer in consumers where !isPaused(consumer) {
            delivered = try await deliverNext(to: consumer) || delivered
        }
        return delivered
    }

    private func deliverNext(to consumer: String) async throws -> Bool {
        guard let batch = try await database.read({ db in try Outbox.nextBatch(for: consumer, limit: 100, db) })
        else { return false }
        crashPoints.passing(Self.taken)
        do {
            let receivedUpTo = try await courier.deliver(batch, to: consumer)
            try check(receivedUpTo, against: batch, for: consumer)
            crashPoints.passing(Self.delivered)
            try await database.write { db in try Outbox.remove(upTo: receivedUpTo, for: consumer, db) }
            crashPoints.passing(Self.removed)
            pauses.withLock { $0[consumer] = nil }
            return true
        } catch let error as CancellationError {
            throw error
        } catch {
            report(consumer, pause(consumer), error)
            return false
        }
    }

    /// A consumer that claims more than it was sent has counted another history, as after a restore of this database
    /// without a new generation. Taking its word would delete what it has never seen.
    private func check(_ receivedUpTo: Int64, against batch: EventBatch, for consumer: String) throws {
        let sentUpTo = batch.events.last?.sequence ?? 0
        guard receivedUpTo > sentUpTo else { return }
        throw ServiceError(
            .failedPrecondition, reason: "event_receipt_too_high",
            arguments: ["consumer": consumer, "sent": "\(sentUpTo)", "received": "\(receivedUpTo)"])
    }

    private func isPaused(_ consumer: String) -> Bool {
        let elapsed = started()
        return pauses.withLock { ($0[consumer]?.until ?? .zero) > elapsed }
    }

    private func pause(_ consumer: String) -> Int {
        let elapsed = started()
        let jitter = randomness.jitter(in: 0.8...1.2)
        return pauses.withLock { pauses in
            let attempts = (pauses[consumer]?.attempts ?? 0) + 1
            pauses[consumer] = Pause(
                attempts: attempts, until: elapsed + backoff.delay(afterAttempt: attempts, jitter: jitter))
            return attempts
        }
    }
}
