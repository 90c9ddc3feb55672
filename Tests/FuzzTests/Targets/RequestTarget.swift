import CoreTypes
import JSON
import RPC
import Synchronization

/// One frame as a client might send it, to a session with requests of every kind.
enum RequestTarget {
    static func run(_ input: [UInt8]) throws {
        let log = FrameLog()
        let session = ServerSession(
            router: router, peer: .service(name: "importer", instance: "1"), outlet: log, executor: nil)
        defer { session.close() }
        input.withUnsafeBytes { session.receive($0) }
        if log.isFlushWanted { session.writePending() }
        let frames = try log.take().map(Answered.init)
        try check(frames, against: input)

        // Whatever came, the connection goes on: the next call is answered.
        Array(#"{"jsonrpc":"2.0","id":"the next","method":"fuzz.say","params":{"text":"still here"}}"#.utf8)
            .withUnsafeBytes { session.receive($0) }
        let next = try log.take().map(Answered.init)
        try hold(
            next.contains { $0.answers.contains { $0["result"]?["text"]?.stringValue == "still here" } },
            "the next call is not answered")
    }

    private static func check(_ frames: [Answered], against input: [UInt8]) throws {
        let answers = frames.flatMap(\.answers)
        guard let message = try? JSON.decode(JSONValue.self, from: input) else {
            try hold(frames.count == 1 && answers.count == 1, "\(answers.count) answers to what is no JSON")
            try hold(answers[0]["error"]?["code"] == .number("-32700"), "no JSON, but \(answers[0])")
            return
        }
        if case .array(let messages) = message {
            try hold(frames.filter(\.isBatch).count <= 1, "a batch is answered in several frames")
            try hold(answers.count <= max(1, messages.count), "more answers than messages")
        } else {
            try hold(answers.count <= 1, "\(answers.count) answers to one message")
            try checkID(of: message, answers.first)
        }
    }

    /// A readable id is sent back as it was; what goes on, or works on another thread, is answered later.
    private static func checkID(of message: JSONValue, _ answer: JSONValue?) throws {
        guard case .object = message, let id = message["id"] else { return }
        switch id {
        case .string, .number:
            guard let answer else {
                let method = message["method"]?.stringValue ?? ""
                return try hold(["fuzz.count", "rpc.watchHealth", "rpc.discover"].contains(method), "no answer")
            }
            // The first of two members of one name is not the one that counts for everybody.
            try hold(answer["id"] == id, "asked as \(id), answered as \(answer["id"] ?? .null)")
        default: break
        }
    }

    private static let router: Router = {
        let counter = Counter()
        var router = Router(service: "fuzz", randomness: Randomness { counter.next() })
        router.register(Say.self) { request, _ in Say.Response(text: request.text) }
        router.register(TakeAll.self) { request, _ in TakeAll.Response(all: request.all) }
        router.register(Count.self) { request, _, writer in
            for number in 0..<min(max(request.to, 0), 100) { try await writer.send(Count.Item(number: number)) }
            return Count.Response()
        }
        router.register(Forbidden.self) { _, _ in fatalError("a call of a stranger was let in") }
        return router
    }()
}

/// A frame that was sent, read again.
private struct Answered {
    var isBatch = false
    /// Without notifications.
    var answers: [JSONValue]

    init(_ frame: [UInt8]) throws {
        let value = try JSON.decode(JSONValue.self, from: frame)
        var messages = [value]
        if case .array(let elements) = value { (messages, isBatch) = (elements, true) }
        for message in messages {
            try hold(message["jsonrpc"] == .string("2.0"), "sent: \(message)")
            let kinds = ["result", "error", "method"].filter { message[$0] != nil }
            try hold(kinds.count == 1, "sent: \(message)")
        }
        answers = messages.filter { $0["method"] == nil }
    }
}

/// Keeps what a session sends.
private final class FrameLog: SessionOutlet {
    private let state = Mutex((frames: [[UInt8]](), isFlushWanted: false))

    var isFlushWanted: Bool { state.withLock { $0.isFlushWanted } }

    func take() -> [[UInt8]] {
        state.withLock { state in
            defer { state.frames = [] }
            return state.frames
        }
    }

    func send(_ json: UnsafeRawBufferPointer) { state.withLock { $0.frames.append(Array(json)) } }
    func wantsFlush() { state.withLock { $0.isFlushWanted = true } }
    func armTimer(at _: ContinuousClock.Instant) {}
    func becameIdle() {}
}

private final class Counter: Sendable {
    private let value = Atomic<UInt64>(0)

    func next() -> UInt64 { value.wrappingAdd(1, ordering: .relaxed).newValue }
}
