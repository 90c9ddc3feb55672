import NIOCore
import RPC

extension ServerConnection {
    /// Asks the client to go elsewhere. It closes the connection once its calls are answered.
    func drain() {
        guard drainingSince == nil, let session, let outlet else { return }
        drainingSince = .now
        outlet.outbox.beginBurst()
        session.beginDrain()
        flush()
        closeWhenQuiet()
    }

    /// For a client that does not know `rpc.drain`.
    private func closeWhenQuiet() {
        let quiet = Duration.milliseconds(shared.limits.drainQuietMilliseconds)
        let wait = max(lastReceived + quiet - .now, .milliseconds(50))
        aging?.cancel()
        aging = schedule(in: TimeAmount(wait)) { connection in
            if connection.isQuiet(for: quiet) || connection.hasDrainedTooLong {
                connection.context?.close(promise: nil)
            } else {
                connection.closeWhenQuiet()
            }
        }
    }

    private func isQuiet(for time: Duration) -> Bool {
        .now >= lastReceived + time && session?.callsInFlight == 0 && outlet?.outbox.isEmpty == true
    }

    private var hasDrainedTooLong: Bool {
        guard let drainingSince else { return false }
        return .now >= drainingSince + .seconds(shared.limits.drainSecondsMax)
    }
}
