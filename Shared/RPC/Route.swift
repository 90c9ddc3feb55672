import CoreTypes
import JSON

/// One method: its declaration, its handler and its figures.
protocol Route: AnyObject, Sendable {
    var declaration: any RPCRequest.Type { get }
    var method: MethodName { get }
    var callers: Callers { get }
    var isStream: Bool { get }
    /// ``RPCStreamRequest/isWatch``.
    var isWatch: Bool { get }
    var statistics: MethodStatistics { get }

    /// Decodes the parameters and starts the handler; returns when it has answered or suspended.
    func start(_ params: JSONNode?, _ call: Call) throws(Refusal)
}

extension Route {
    var isStream: Bool { false }
    var isWatch: Bool { false }
}

final class UnaryRoute<R: RPCRequest>: Route {
    typealias Handler = @Sendable (R, CallContext) async throws -> R.Response

    let method = R.method
    let callers = R.callers
    let statistics = MethodStatistics()
    private let isOnce = R.effect == .once
    private let place: HandlerPlace
    private let handler: Handler

    var declaration: any RPCRequest.Type { R.self }

    init(place: HandlerPlace, handler: @escaping Handler) {
        self.place = place
        self.handler = handler
    }

    func start(_ params: JSONNode?, _ call: Call) throws(Refusal) {
        let request = try R(params: params)
        if isOnce, let repeats = call.repeats(of: request) {
            call.start(on: place) { [handler] in try await repeats.answer { try await handler(request, call.context) } }
        } else {
            call.start(on: place) { [handler] in try await handler(request, call.context) }
        }
    }
}

final class StreamRoute<R: RPCStreamRequest>: Route {
    typealias Handler = @Sendable (R, CallContext, StreamWriter<R.Item>) async throws -> R.Response

    let method = R.method
    let callers = R.callers
    let statistics = MethodStatistics()
    private let place: HandlerPlace
    private let handler: Handler

    var declaration: any RPCRequest.Type { R.self }
    var isStream: Bool { true }
    var isWatch: Bool { R.isWatch }

    init(place: HandlerPlace, handler: @escaping Handler) {
        self.place = place
        self.handler = handler
    }

    func start(_ params: JSONNode?, _ call: Call) throws(Refusal) {
        let request = try R(params: params)
        let writer = StreamWriter<R.Item>(try call.openStream())
        call.start(on: place) { [handler] in try await handler(request, call.context, writer) }
    }
}

extension RPCRequest {
    /// Missing parameters read as an empty object.
    init(params: JSONNode?) throws(Refusal) {
        do throws(JSONError) {
            if let params {
                self = try params.decode(Self.self)
            } else {
                self = try JSON.decode(Self.self, from: "{}")
            }
        } catch {
            throw Refusal(
                .invalidParams, reason: "invalid_params", arguments: ["path": error.path, "problem": error.problem])
        }
    }
}
