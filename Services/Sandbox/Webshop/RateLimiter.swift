import CoreTypes

/// A token bucket: refilled steadily, emptied by one for each request.
struct RateLimiter {
    let perSecond: Int
    let burst: Int
    private var tokens: Double
    private var refilledAt: Instant

    init(perSecond: Int, burst: Int, now: Instant) {
        self.perSecond = perSecond
        self.burst = burst
        tokens = Double(burst)
        refilledAt = now
    }

    struct Outcome: Equatable {
        var isAllowed: Bool
        var remaining: Int
        /// Whole seconds until the bucket is full again.
        var resetSeconds: Int
    }

    mutating func take(at now: Instant) -> Outcome {
        let elapsed = Double(max(0, (now - refilledAt).wholeMilliseconds)) / 1000
        tokens = min(Double(burst), tokens + elapsed * Double(perSecond))
        refilledAt = max(refilledAt, now)
        let isAllowed = tokens >= 1
        if isAllowed { tokens -= 1 }
        let missing = (Double(burst) - tokens) / Double(perSecond)
        return Outcome(isAllowed: isAllowed, remaining: Int(tokens), resetSeconds: Int(missing.rounded(.up)))
    }
}
