import CoreTypes
import SandboxAPI

/// A simulated outside system: requests in, answers out, no socket.
protocol SimulatedSystem: Sendable {
    var definition: CreateSystem { get }
    var createdAt: Instant { get }
    var faults: FaultBoard { get }

    /// - Parameter request: Its path begins after the system's name.
    func respond(to request: SimRequest) async -> SimResponse
}
