import CoreTypes
import JSON
import Synchronization

/// One call in hand, from its parameters to the one answer it gets.
///
/// It ends twice: for the caller when the answer is sent, which a deadline or a cancellation may do early, and for the
/// service when the handler returns. Only then it no longer counts as running.
final class Call: Sendable {
    let id: CallID?
    let context: CallContext
    let route: any Route
    let session: ServerSession
    let target: ReplyTarget
    let started: ContinuousClock.Instant
    /// When the session answers in the handler's stead.
    let expires: ContinuousClock.Instant
    /// What it is kept by when it has no id of its own.
    private let unnamed: UInt64
    private let progress = Mutex(Progress())

    private struct Progress {
        var isAnswered = false
        var isFinished = false
        var isTracked = false
        var task: Task<Void, Never>?
        var stream: CallStream?
    }

    init(
        id: CallID?, context: CallContext, route: any Route, session: ServerSession, target: ReplyTarget,
        started: ContinuousClock.Instant, expires: ContinuousClock.Instant, unnamed: UInt64
    ) {
        self.id = id
        self.context = context
        self.route = route
        self.session = session
        self.target = target
        self.started = started
        self.expires = expires
        self.unnamed = unnamed
    }

    /// Under which the session keeps it.
    var key: CallKey {
        guard let id, id != .null else { return .unnamed(unnamed) }
        return .id(id)
    }

    var isFinished: Bool { progress.withLock { $0.isFinished } }
    var stream: CallStream? { progress.withLock { $0.stream } }

    /// Starts the handler here and now; returns once it has ended or suspended.
    ///
    /// An unstructured task because a call outlives the read event that brought it; the session cancels it.
    @inline(__always)
    func start<Response: Encodable & Sendable>(
        on place: HandlerPlace, _ handler: nonisolated(nonsending) @escaping @Sendable () async throws -> Response
    ) {
        let task: Task<Void, Never>
        switch place {
        case .connection:
            task = Task.immediate(executorPreference: session.executor) { await self.run(handler) }
        case .globalPool:
            task = Task(executorPreference: globalConcurrentExecutor) { await self.run(handler) }
        }
        let isRunning = progress.withLock { progress in
            guard !progress.isFinished else { return false }
            progress.task = task
            progress.isTracked = true
            // Answered before the task was known here: what was to be cancelled is cancelled now.
            if progress.isAnswered { task.cancel() }
            return true
        }
        if isRunning { session.track(self) }
    }

    @inline(__always)
    private nonisolated(nonsending) func run<Response: Encodable & Sendable>(
        _ handler: nonisolated(nonsending) () async throws -> Response
    ) async {
        do {
            let response = try await handler()
            finish { reply in try reply.append(value: response) }
        } catch {
            fail(error)
        }
    }

    /// The handler is done: sends the result, unless the call was answered before.
    private func finish(_ writeResult: (JSONWriter) throws -> Void) {
        let ending = end()
        if ending.claimsAnswer {
            ending.stream?.end()
            do {
                try sendResult(writeResult)
                session.record(self, nil)
                session.end(target)
            } catch {
                refuse(error)
            }
        }
        if ending.wasTracked { session.untrack(self) }
    }

    private func fail(_ error: any Error) {
        let ending = end()
        if ending.claimsAnswer {
            ending.stream?.end()
            refuse(error)
        }
        if ending.wasTracked { session.untrack(self) }
    }

    private struct Ending {
        /// Nothing was answered before.
        var claimsAnswer: Bool
        var wasTracked: Bool
        var stream: CallStream?
    }

    private func end() -> Ending {
        progress.withLock { progress in
            defer {
                progress.isAnswered = true
                progress.isFinished = true
                progress.task = nil
            }
            return Ending(
                claimsAnswer: !progress.isAnswered, wasTracked: progress.isTracked, stream: progress.stream)
        }
    }

    private func sendResult(_ writeResult: (JSONWriter) throws -> Void) throws {
        guard let id else { return }
        let reply = session.writers.take()
        reply.beginReply(to: id)
        reply.append(raw: #","result":"#)
        try writeResult(reply)
        reply.append(raw: "}")
        guard reply.count <= session.limits.frameBytesMax else {
            throw ServiceError(
                .outOfRange, reason: "answer_too_large",
                arguments: ["bytes": "\(reply.count)", "bytesMax": "\(session.limits.frameBytesMax)"])
        }
        session.deliver(reply, to: target, for: id)
        session.writers.giveBack(reply)
    }

    private func refuse(_ error: any Error) {
        let refusal = session.refusal(for: error, call: self)
        session.record(self, refusal.error)
        session.deliver(refusal, context, to: target, for: id)
    }

    /// Answers with `error` at once, if nothing was answered yet, and cancels the handler's work.
    ///
    /// - Parameter error: nil when nobody is there to be answered.
    func stop(_ error: ServiceError?) {
        let (isFirst, task, stream) = progress.withLock { progress in
            defer { progress.isAnswered = true }
            return (!progress.isAnswered, progress.task, progress.stream)
        }
        task?.cancel()
        stream?.end()
        if isFirst, let error { refuse(error) }
    }

    func openStream() throws(Refusal) -> CallStream {
        guard let id else { throw Refusal(.invalidRequest, reason: "stream_without_id") }
        guard case .frame = target else { throw Refusal(.invalidRequest, reason: "stream_in_batch") }
        let stream = CallStream(id: id, session: session)
        progress.withLock { $0.stream = stream }
        return stream
    }
}

/// Where a call's answer goes.
enum ReplyTarget: Sendable {
    /// A frame of its own.
    case frame
    case batch(BatchReply)
}

/// Under which a session keeps a running call.
enum CallKey: Hashable, Sendable {
    case id(CallID)
    /// Notifications and calls with the id null, which nothing can refer to.
    case unnamed(UInt64)
}
