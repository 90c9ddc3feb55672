import NIOCore

/// Watches whether the peer still sends: silence is asked about, and answered silence ends the link.
struct Keepalive: Equatable {
    enum Action: Equatable {
        /// Look again then.
        case wait(until: NIODeadline)
        /// Send a ping, and look again then.
        case ping(lookAgain: NIODeadline)
        /// Nothing came, not even the answer to the ping.
        case dead
    }

    /// Silence after which a ping is sent.
    let interval: TimeAmount
    /// Further silence after which the link is dead.
    let timeout: TimeAmount
    private var lastReceived: NIODeadline
    private var isAsked = false

    init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
        self.interval = interval
        self.timeout = timeout
        lastReceived = now
    }

    mutating func received(at now: NIODeadline) {
        lastReceived = now
        isAsked = false
    }

    mutating func look(at now: NIODeadline) -> Action {
        let silentUntil = lastReceived + interval
        if now < silentUntil { return .wait(until: silentUntil) }
        if now >= silentUntil + timeout, isAsked { return .dead }
        if isAsked { return .wait(until: silentUntil + timeout) }
        isAsked = true
        // Late looks, as after the machine slept, still leave the peer its time to answer.
        lastReceived = max(lastReceived, now - interval)
        return .ping(lookAgain: now + timeout)
    }
}
