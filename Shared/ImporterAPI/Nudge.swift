public import RPC
public import CoreTypes

/// Wakes an importer's claiming loop; carries no data, so a lost nudge costs only the loop's interval.
public struct Nudge: RPCRequest {
    public static let method: MethodName = "importer.nudge"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = []
    public static let summary = "Wakes the importer to claim a run that has just become due."
    public static let callers = Callers.services("scheduler")

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public init() {}
    }

    public static var example: (request: Self, response: Response) { (Self(), Response()) }
}
