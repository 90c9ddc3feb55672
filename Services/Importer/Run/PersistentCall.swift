import Connectors
import CoreTypes
import RPC
import ServiceRuntime

extension RPCCaller {
    /// Calls another service of ours and, while it is out of reach, again until the time is over.
    func persistently<Request: RPCRequest>(
        _ request: Request, for limit: Duration, _ traceparent: Traceparent?, _ environment: ServiceEnvironment
    ) async throws(ServiceError) -> Request.Response {
        let watch = Stopwatch(environment.clock)
        let backoff = Backoff(first: .milliseconds(200), longest: .seconds(2))
        var attempt = 1
        while true {
            do {
                return try await call(request, within: .seconds(10), traceparent: traceparent)
            } catch {
                let wait = backoff.delay(
                    afterAttempt: attempt, jitter: environment.randomness.jitter(in: 0.8...1.2))
                let isPassing = error.status.isRetryable || error.status == .deadlineExceeded
                guard isPassing, watch.elapsed + wait < limit, !Task.isCancelled else { throw error }
                try? await environment.clock.sleep(for: wait)
                attempt += 1
            }
        }
    }
}
