import CoreTypes
import Messaging
import Synchronization
import TestSupport

/// Hands batches over as the worst network would: some are lost on the way, some arrive twice or more, some arrive long
/// after others that were sent later, and some arrive and nobody hears of it.
final class ChaosCourier: Courier {
    private struct State {
        /// Batches that the network still holds; they arrive some day.
        var late: [(batch: EventBatch, consumer: String)] = []
        var deliveries = 0
    }

    private let state = Mutex(State())
    private let randomness: Randomness
    private let receive: @Sendable (EventBatch, String) async throws -> Int64

    init(seed: UInt64, receive: @escaping @Sendable (EventBatch, String) async throws -> Int64) {
        randomness = .seeded(seed)
        self.receive = receive
    }

    /// How often an event has arrived, all events together.
    var deliveries: Int { state.withLock { $0.deliveries } }

    func deliver(_ batch: EventBatch, to consumer: String) async throws -> Int64 {
        try await deliverLate(upTo: below(4))
        switch below(10) {
        case 0: throw Self.lost
        case 1:
            state.withLock { $0.late.append((batch, consumer)) }
            throw Self.lost
        case 2:
            _ = try await hand(batch, to: consumer)
            throw Self.lost
        case 3:
            // The receipt that counts is the first, given before later batches were known.
            let receipt = try await hand(batch, to: consumer)
            for _ in 0...below(12) { _ = try await hand(batch, to: consumer) }
            return receipt
        case 4:
            state.withLock { $0.late.append((batch, consumer)) }
            return try await hand(batch, to: consumer)
        default: return try await hand(batch, to: consumer)
        }
    }

    /// Everything the network still holds arrives at last.
    func deliverRest() async throws { try await deliverLate(upTo: .max) }

    /// In any order. Nobody waits for the answers any more.
    private func deliverLate(upTo count: Int) async throws {
        var left = count
        while left > 0, let late = takeLate() {
            _ = try await hand(late.batch, to: late.consumer)
            left -= 1
        }
    }

    private func takeLate() -> (batch: EventBatch, consumer: String)? {
        let number = randomness.next()
        return state.withLock { state in
            state.late.isEmpty ? nil : state.late.remove(at: Int(number % UInt64(state.late.count)))
        }
    }

    private func hand(_ batch: EventBatch, to consumer: String) async throws -> Int64 {
        state.withLock { $0.deliveries += batch.events.count }
        return try await receive(batch, consumer)
    }

    private func below(_ bound: UInt64) -> Int { Int(randomness.next() % bound) }

    private static let lost = ServiceError(.unavailable, reason: "connection_lost")
}
