import CoreTypes
import JSON
import RPC
import Synchronization

/// A call that waits for what its server sends. Completed once, by whoever took it out of the table.
protocol WaitingCall: AnyObject, Sendable {
    /// The answer; the node is valid only inside.
    func complete(_ node: JSONNode)
    func fail(_ failure: CallFailure)
    /// Items of a stream, before its answer.
    func receive(items: JSONNode)
}

/// Why a call ended without an answer, and whether its server may have seen it.
struct CallFailure: Error {
    var error: ServiceError
    var wasSent: Bool
}

final class UnaryCall<Response: Decodable & Sendable>: WaitingCall {
    typealias Outcome = Result<Response, CallFailure>

    private let method: MethodName
    /// Resumed once: the table gives the call to one taker.
    private let continuation: UnsafeContinuation<Outcome, Never>

    init(_ method: MethodName, _ continuation: UnsafeContinuation<Outcome, Never>) {
        self.method = method
        self.continuation = continuation
    }

    func complete(_ node: JSONNode) { continuation.resume(returning: Result(answer: node, of: method)) }
    func fail(_ failure: CallFailure) { continuation.resume(returning: .failure(failure)) }
    func receive(items: JSONNode) {}
}

extension Result where Success: Decodable, Failure == CallFailure {
    fileprivate init(answer: JSONNode, of method: MethodName) {
        do throws(JSONError) {
            self = .success(try answer.decode(Success.self))
        } catch {
            self = .failure(CallFailure(error: .notUnderstood(method, error), wasSent: true))
        }
    }
}

extension ServiceError {
    static func notUnderstood(_ method: MethodName, _ error: JSONError) -> ServiceError {
        ServiceError(
            .internal, reason: "answer_not_understood",
            arguments: ["method": method.rawValue, "path": error.path, "problem": error.problem])
    }
}

/// A call answered by items first. Bursts of items gather here until the caller takes them, all at once.
final class StreamCall<Request: RPCStreamRequest>: WaitingCall {
    typealias Outcome = Result<Request.Response, CallFailure>

    enum Next: Sendable {
        /// - Parameter bytes: what the server may send more once they are consumed.
        case items([Request.Item], bytes: Int)
        case end(Outcome)
    }

    private struct State {
        var items: [Request.Item] = []
        var bytes = 0
        var outcome: Outcome?
        var waiter: UnsafeContinuation<Next, Never>?

        mutating func takeNext() -> Next? {
            guard items.isEmpty else {
                defer { (items, bytes) = ([], 0) }
                return .items(items, bytes: bytes)
            }
            return outcome.map { .end($0) }
        }
    }

    private let state = Mutex(State())

    /// The next burst, or the end after the last. Called by one task.
    nonisolated(nonsending) func next() async -> Next {
        await withUnsafeContinuation { continuation in
            let next = state.withLock { state in
                let next = state.takeNext()
                if next == nil { state.waiter = continuation }
                return next
            }
            if let next { continuation.resume(returning: next) }
        }
    }

    func receive(items node: JSONNode) {
        do throws(JSONError) {
            let items = try node.decodeElements(Request.Item.self)
            deliver { state in
                state.items.isEmpty ? state.items = items : state.items.append(contentsOf: items)
                state.bytes += node.streamBytes
            }
        } catch {
            end(.failure(CallFailure(error: .notUnderstood(Request.method, error), wasSent: true)))
        }
    }

    func complete(_ node: JSONNode) { end(Result(answer: node, of: Request.method)) }
    func fail(_ failure: CallFailure) { end(.failure(failure)) }

    private func end(_ outcome: Outcome) { deliver { if $0.outcome == nil { $0.outcome = outcome } } }

    private func deliver(_ change: (inout State) -> Void) {
        let (waiter, next): (UnsafeContinuation<Next, Never>?, Next?) = state.withLock { state in
            change(&state)
            guard let waiter = state.waiter, let next = state.takeNext() else { return (nil, nil) }
            state.waiter = nil
            return (waiter, next)
        }
        if let waiter, let next { waiter.resume(returning: next) }
    }
}
