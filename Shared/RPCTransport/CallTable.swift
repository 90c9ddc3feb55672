/// The calls of one connection that wait for an answer.
///
/// Whoever takes a call out completes it, so each is completed once: by its answer, its deadline, its cancellation or
/// the end of the connection, whichever comes first. What comes later finds nothing.
struct CallTable<Call> {
    private struct Waiting {
        var call: Call
        var deadline: ContinuousClock.Instant
    }

    enum Entry: Equatable {
        /// - Parameter timer: When the timer has to be set to; nil when the one that is set will do.
        case entered(timer: ContinuousClock.Instant?)
        /// The connection is gone; nothing was entered.
        case closed
    }

    private var waiting: [Int64: Waiting] = [:]
    private var timer: ContinuousClock.Instant?
    private(set) var isClosed = false

    var isEmpty: Bool { waiting.isEmpty }
    var count: Int { waiting.count }

    mutating func enter(_ call: Call, id: Int64, until deadline: ContinuousClock.Instant) -> Entry {
        guard !isClosed else { return .closed }
        waiting[id] = Waiting(call: call, deadline: deadline)
        if let timer, timer <= deadline { return .entered(timer: nil) }
        timer = deadline
        return .entered(timer: deadline)
    }

    /// The call, which stays: for the items of a stream.
    func call(_ id: Int64) -> Call? { waiting[id]?.call }

    mutating func take(_ id: Int64) -> Call? { waiting.removeValue(forKey: id)?.call }

    /// Takes the calls whose time is up.
    ///
    /// - Parameter timer: When the timer was set to. One that was replaced by an earlier one finds nothing.
    /// - Returns: The calls, and when to set the timer to; nil for not at all.
    mutating func takeExpired(
        at now: ContinuousClock.Instant, timer fired: ContinuousClock.Instant
    ) -> (calls: [(id: Int64, call: Call)], timer: ContinuousClock.Instant?) {
        guard timer == fired else { return ([], nil) }
        let expired = waiting.filter { $0.value.deadline <= now }
        for id in expired.keys { waiting[id] = nil }
        timer = waiting.values.lazy.map(\.deadline).min()
        return (expired.map { ($0.key, $0.value.call) }, timer)
    }

    /// Takes all; later ones are not let in.
    mutating func close() -> [Call] {
        isClosed = true
        defer { waiting = [:] }
        return waiting.values.map(\.call)
    }
}
