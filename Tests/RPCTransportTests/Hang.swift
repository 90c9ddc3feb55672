import CoreTypes
import RPC
import Synchronization

/// Works until it is stopped.
struct Hang: RPCRequest {
    static let method: MethodName = "echo.hang"
    static let effect = Effect.once
    static let failures: [StatusCode] = []
    static let summary = "Never answers."
    static let callers = Callers.services("importer")
    static let example = (request: Hang(), response: Response())

    struct Response: Codable, Sendable, Equatable {}
}

/// How many handlers of ``Hang`` run, and how many ever did.
final class HangCount: Sendable {
    private let state = Mutex((running: 0, started: 0))

    var running: Int { state.withLock { $0.running } }
    var started: Int { state.withLock { $0.started } }

    func hang() async throws -> Hang.Response {
        state.withLock { state in
            state.running += 1
            state.started += 1
        }
        defer { state.withLock { $0.running -= 1 } }
        // Only a cancellation ends it within the life of a test.
        try await Task.sleep(for: .seconds(3600))
        return Hang.Response()
    }
}
