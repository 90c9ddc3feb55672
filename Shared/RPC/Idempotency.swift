public import CoreTypes
import JSON
import Synchronization

/// Keeps the answers of requests that must not be done twice.
///
/// An answer is kept for as long as its caller may still repeat the request; how long that is the store decides, and
/// says so in its service's README. The router asks it only for requests whose effect is `.once`.
public protocol IdempotencyStore: Sendable {
    /// Looks the key up and, if it is new, marks it as being worked on: one step that no other call can come between.
    func begin(_ key: IdempotencyKey, requestHash: String) async throws -> IdempotencyState
    /// Keeps the answer for whoever repeats the request.
    func complete(_ key: IdempotencyKey, answer: IdempotentAnswer) async throws
    /// The work failed in a way that may be tried again: the key counts as new.
    func abandon(_ key: IdempotencyKey) async throws
}

/// One caller's key for one method.
public struct IdempotencyKey: Sendable, Hashable {
    /// ``PeerIdentity/principal``: another instance of the same service may repeat the request.
    public var caller: String
    public var method: String
    public var key: String

    public init(caller: String, method: String, key: String) {
        self.caller = caller
        self.method = method
        self.key = key
    }
}

public enum IdempotencyState: Sendable, Equatable {
    case new
    /// Another call with this key and request has not ended yet.
    case inProgress
    case answered(IdempotentAnswer)
    /// The key came before with another request.
    case differentRequest
}

public enum IdempotentAnswer: Sendable, Equatable {
    /// The result as JSON text.
    case result([UInt8])
    case failure(ServiceError)
}

/// Keeps answers in memory, the oldest giving way: for tests, and where a restart may forget.
public final class InMemoryIdempotencyStore: IdempotencyStore {
    private let entriesMax: Int
    private let state = Mutex(State())

    private struct State {
        var entries: [IdempotencyKey: (hash: String, answer: IdempotentAnswer?)] = [:]
        var answered: [IdempotencyKey] = []
    }

    public init(entriesMax: Int = 10_000) { self.entriesMax = entriesMax }

    public func begin(_ key: IdempotencyKey, requestHash: String) async throws -> IdempotencyState {
        state.withLock { state in
            guard let entry = state.entries[key] else {
                state.entries[key] = (requestHash, nil)
                return .new
            }
            guard entry.hash == requestHash else { return .differentRequest }
            return entry.answer.map(IdempotencyState.answered) ?? .inProgress
        }
    }

    public func complete(_ key: IdempotencyKey, answer: IdempotentAnswer) async throws {
        state.withLock { state in
            state.entries[key]?.answer = answer
            state.answered.append(key)
            if state.answered.count > entriesMax { state.entries[state.answered.removeFirst()] = nil }
        }
    }

    public func abandon(_ key: IdempotencyKey) async throws {
        state.withLock { $0.entries[key] = nil }
    }
}

/// One `.once` call with a key: does the work, or gives the answer it had the first time.
struct RepeatableCall: Sendable {
    let store: any IdempotencyStore
    let key: IdempotencyKey
    let requestHash: String

    static let retryAfterMs: Int64 = 250

    func answer<Response: Codable & Sendable>(_ work: () async throws -> Response) async throws -> Response {
        switch try await store.begin(key, requestHash: requestHash) {
        case .new: return try await keepAnswer(of: work)
        case .answered(.result(let text)): return try JSON.decode(Response.self, from: text)
        case .answered(.failure(let error)): throw error
        case .inProgress:
            throw ServiceError(.aborted, reason: "idempotency_key_in_progress", retryAfterMs: Self.retryAfterMs)
        case .differentRequest:
            throw ServiceError(
                .failedPrecondition, reason: "idempotency_key_reused", arguments: ["method": key.method])
        }
    }

    private func keepAnswer<Response: Codable & Sendable>(
        of work: () async throws -> Response
    ) async throws -> Response {
        let response: Response
        do {
            response = try await work()
        } catch {
            // An answer that would be the same next time is kept; after any other the work may be tried again.
            if let error = (error as? any ServiceErrorConvertible)?.serviceError, error.isFinal {
                try await store.complete(key, answer: .failure(error))
            } else {
                try await store.abandon(key)
            }
            throw error
        }
        try await store.complete(key, answer: .result(try JSON.encode(response)))
        return response
    }
}

extension ServiceError {
    /// Whether the same request would get the same error again.
    fileprivate var isFinal: Bool {
        switch status {
        case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition, .outOfRange,
            .unimplemented:
            retryAfterMs == nil
        default: false
        }
    }
}

extension Call {
    /// nil when the call has no key, or its service keeps keys itself.
    func repeats(of request: some Encodable) -> RepeatableCall? {
        guard let key = context.idempotencyKey, let store = session.router.idempotencyStore else { return nil }
        let method = route.method.rawValue
        return RepeatableCall(
            store: store, key: IdempotencyKey(caller: context.peer.principal, method: method, key: key),
            requestHash: Fingerprint.of(request))
    }
}

/// A short name for a request's content. It guards against mistakes of a caller, who has no gain from a collision
/// among its own keys, so it needs no cryptography.
private enum Fingerprint {
    static func of(_ request: some Encodable) -> String {
        // What was just decoded can be encoded; if not, nothing equals it and the repeat is refused.
        guard let bytes = try? JSON.encode(request) else { return "" }
        // FNV-1a with 128 bits.
        let offset = UInt128(0x6c62_272e_07bb_0142) << 64 | 0x62b8_2175_6295_c58d
        let prime = UInt128(0x100_0000) << 64 | 0x13b
        return String(bytes.reduce(offset) { ($0 ^ UInt128($1)) &* prime }, radix: 16)
    }
}
