import CoreTypes
public import RPC

/// Carries events by RPC to the consumers it was given.
public struct RPCCourier: Courier {
    private var routes: [String: @Sendable (EventBatch) async throws -> Int64] = [:]

    public init() {}

    /// Adds a consumer; its name is the interface's.
    public mutating func add<Consumer: RPCInterface>(_: Consumer.Type, through caller: any RPCCaller) {
        routes[Consumer.name] = { batch in
            try await caller.call(
                DeliverEvents<Consumer>(generation: batch.generation, events: batch.events), within: .seconds(15)
            ).receivedUpTo
        }
    }

    public func deliver(_ batch: EventBatch, to consumer: String) async throws -> Int64 {
        guard let route = routes[consumer] else {
            throw ServiceError(.unimplemented, reason: "no_route_to_consumer", arguments: ["consumer": consumer])
        }
        return try await route(batch)
    }
}
