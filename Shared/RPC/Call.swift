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
    /// Under which the session keeps it.
    let key: CallKey
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
        started: ContinuousClock.Instant, expires: ContinuousClock.Instant, key: CallKey
    ) {
        self.id = id
        self.context = context
        self.route = route
        self.session = session
        self.target = target
        self.started = started
        self.expires = expires
        self.key = key
    }

    var isFinished: Bool { progress.withLock { $0.isFinished } }
    var stream: CallStream? { progress.withLock { $0.stream } }

    /// Starts the handler here and now; returns once it has ended or suspended.
    ///
    /// An unstructured task because a call outlives the read event that brought it; the session cancels it.
    func start<Response: Encodable & Sendable>(
        on place: HandlerPlace, _ handler: @escaping @Sendable () async throws -> Response
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
    private func run<Response: Encodable & Sendable>(_ handler: () async throws -> Response) async {
        do {
            let response = try await handler()
            finish { reply in try reply.append(value: response) }
        } catch {
            fail(error)
        }
    }

    /// Sends the result, unless the call was answered before, and ends the call.
    private func finish(_ writeResult: (JSONWriter) throws -> Void) {
        guard claimAnswer() else { return end() }
        progress.withLock { $0.stream }?.end()
        do {
            try sendResult(writeResult)
            session.record(self, nil)
            session.end(target)
        } catch {
            refuse(error)
        }
        end()
    }

    private func fail(_ error: any Error) {
        if claimAnswer() {
            progress.withLock { $0.stream }?.end()
            refuse(error)
        }
        end()
    }

    private func sendResult(_ writeResult: (JSONWriter) throws -> Void) throws {
        guard let id else { return }
        let reply = JSONWriter.reply(to: id)
        reply.append(raw: #","result":"#)
        try writeResult(reply)
        reply.append(raw: "}")
        guard reply.count <= session.limits.frameBytesMax else {
            throw ServiceError(
                .outOfRange, reason: "answer_too_large",
                arguments: ["bytes": "\(reply.count)", "bytesMax": "\(session.limits.frameBytesMax)"])
        }
        session.deliver(reply, to: target, for: id)
    }

    private func refuse(_ error: any Error) {
        let refusal = session.refusal(for: error, call: self)
        session.record(self, refusal.error)
        session.deliver(refusal, context, to: target, for: id)
    }

    private func claimAnswer() -> Bool {
        progress.withLock { progress in
            defer { progress.isAnswered = true }
            return !progress.isAnswered
        }
    }

    private func end() {
        let wasTracked = progress.withLock { progress in
            progress.isFinished = true
            progress.task = nil
            return progress.isTracked
        }
        if wasTracked { session.untrack(self) }
    }

    /// Answers with `error` at once, if nothing was answered yet, and cancels the handler's work.
    ///
    /// - Parameter error: nil when nobody is there to be answered.
    func stop(_ error: ServiceError?) {
        let isFirst = claimAnswer()
        let (task, stream) = progress.withLock { ($0.task, $0.stream) }
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
