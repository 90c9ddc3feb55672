import CoreTypes
import SandboxAPI
import ServiceRuntime

/// The misbehaviour any simulated web system is capable of, before it looks at the request.
struct CommonFaults: Sendable {
    let board: FaultBoard
    let clock: any Clock<Duration>
    /// Words an error in the manner of the system.
    let refuse: @Sendable (_ status: Int, _ word: String, _ message: String) -> SimResponse

    /// - Returns: The answer that a fault puts in place of the real one; nil when the request may go on.
    func answer() async -> SimResponse? {
        if board.occur(.offline) != nil { return .cutAtOnce }
        if board.occur(.hang) != nil { return .never }
        if let slow = board.occur(.slow) { try? await clock.sleep(for: .milliseconds(slow.milliseconds ?? 0)) }
        if board.occur(.maintenance) != nil {
            return refuse(503, "maintenance", "Down for maintenance.").retryAfter(seconds: 120)
        }
        if let other = board.occur(.otherVersion) {
            return refuse(other.count ?? 404, "not_found", "There is nothing at this path.")
        }
        if let number = board.occurrence(of: .serverErrors) {
            return number % 2 == 1
                ? refuse(502, "server_error", "Bad gateway.") : refuse(503, "server_error", "Service unavailable.")
        }
        if board.occur(everyNth: .throttle) {
            return refuse(429, "rate_limited", "Too many requests.").retryAfter(seconds: 1)
        }
        return nil
    }
}

extension SimResponse {
    func retryAfter(seconds: Int) -> SimResponse {
        var copy = self
        copy.headers["Retry-After"] = String(seconds)
        return copy
    }
}
