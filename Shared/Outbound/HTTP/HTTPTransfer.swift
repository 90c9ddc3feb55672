import Synchronization

/// One HTTP exchange: libcurl's thread puts in, the task that sent the request takes out.
final class HTTPTransfer: Transfer {
    /// Above this the transfer pauses until the reader has taken everything.
    private static let waitingBytesMax = 256 * 1024
    private static let discardedBytesMax = 64 * 1024

    private struct State {
        var head = ResponseHead()
        var waiting: [UInt8] = []
        var takenBytes = 0
        var isPaused = false
        var isCancelled = false
        /// Bytes that may still come after the reader has left; nil while there is one.
        var leftToDiscard: Int?
        /// Why a callback ended the transfer; libcurl then only knows that one did.
        var refusal: OutboundError?
        var refusedAddress: IPAddress?
        var ending: Result<Void, OutboundError>?
        var silence = Silence()
        var headReader: HeadReader?
        var chunkReader: ChunkReader?
    }

    private typealias HeadReader = CheckedContinuation<Result<HTTPResponse, OutboundError>, Never>
    private typealias ChunkReader = CheckedContinuation<Result<[UInt8]?, OutboundError>, Never>

    private let plan: HTTPPlan
    private let engine: TransferEngine
    /// Kept from being dropped, and so from stopping the engine, while its answer is being read.
    private let client: HTTPClient
    private let state = Mutex(State())

    init(_ plan: HTTPPlan, _ engine: TransferEngine, of client: HTTPClient) {
        self.plan = plan
        self.engine = engine
        self.client = client
    }

    // MARK: The caller's side

    func response() async throws(OutboundError) -> HTTPResponse {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.headReader = continuation }
                engine.start(self)
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Everything that has come since the last call, or nil at the end. One reader at a time.
    func nextChunk() async throws(OutboundError) -> [UInt8]? {
        let result: Result<[UInt8]?, OutboundError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (ready, resumes) = state.withLock { takeChunk(&$0, orWait: continuation) }
                if resumes { engine.resume(self) }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    private func takeChunk(
        _ state: inout State, orWait continuation: ChunkReader
    ) -> (ready: Result<[UInt8]?, OutboundError>?, resumes: Bool) {
        precondition(state.chunkReader == nil, "a body is read by one reader at a time")
        let resumes = state.isPaused
        state.isPaused = false
        if state.isCancelled, case .failure(let error) = state.ending { return (.failure(error), false) }
        if !state.waiting.isEmpty {
            defer { state.waiting = [] }
            return (.success(state.waiting), resumes)
        }
        if let ending = state.ending { return (ending.map { nil }, false) }
        state.chunkReader = continuation
        return (nil, resumes)
    }

    /// Ends the transfer unless it has ended.
    func cancel() {
        let isRunning = state.withLock { state in
            state.isCancelled = true
            return state.ending == nil
        }
        if isRunning { engine.cancel(self) }
    }

    /// The reader has left. A short rest is taken off the connection, so that it can be used again.
    func abandon() {
        let resumes = state.withLock { state in
            state.leftToDiscard = Self.discardedBytesMax
            state.waiting = []
            defer { state.isPaused = false }
            return state.isPaused
        }
        if resumes { engine.resume(self) }
    }

    // MARK: libcurl's side

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func configure(_ easy: Easy) throws(OutboundError) { try plan.configure(easy) }

    func receiveLine(_ line: UnsafeRawBufferPointer) -> Bool {
        state.withLock { state in
            switch state.head.take(line) {
            case .more: return true
            case .refused(let error): state.refusal = error
            case .complete: state.refusal = state.head.refusal()
            }
            return state.refusal == nil
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        state.withLock { state in
            if state.takenBytes + bytes.count > plan.maxBodyBytes {
                state.refusal = .tooLarge(limit: plan.maxBodyBytes)
                return .abort
            }
            if let left = state.leftToDiscard {
                state.leftToDiscard = left - bytes.count
                if left < bytes.count { state.refusal = .cancelled }
                return left < bytes.count ? .abort : .taken
            }
            if state.waiting.count >= Self.waitingBytesMax {
                state.isPaused = true
                return .paused
            }
            state.takenBytes += bytes.count
            // One larger room instead of one twice as large again and again; short answers fit into the first.
            if !state.waiting.isEmpty, state.waiting.capacity < state.waiting.count + bytes.count {
                state.waiting.reserveCapacity(Self.waitingBytesMax + bytes.count)
            }
            state.waiting.append(contentsOf: bytes)
            return .taken
        }
    }

    /// Bodies go to libcurl whole.
    func fill(_ room: UnsafeMutableRawBufferPointer) -> Int { 0 }

    func mayConnect(to address: IPAddress) -> Bool {
        let isAllowed = plan.addresses.allows(address)
        if !isAllowed { state.withLock { $0.refusedAddress = address } }
        return isAllowed
    }

    func progress(_ progress: Progress) -> Bool {
        state.withLock { state in
            let bytes = progress.received + progress.sent + Int64(state.head.byteCount)
            let isBegun = state.head.byteCount > 0
            let limit = isBegun ? plan.timeouts.idle : plan.timeouts.firstByte
            let isTooLong = state.silence.exceeds(limit, at: progress, bytes: bytes, isPaused: state.isPaused)
            if isTooLong { state.refusal = .timeout(isBegun ? .idle : .firstByte) }
            return !isTooLong
        }
    }

    func deliver() {
        let (headReader, chunkReader, chunk) = state.withLock { (state) -> (HeadReader?, ChunkReader?, [UInt8]) in
            let headReader = state.head.isComplete ? state.headReader.take() : nil
            guard !state.waiting.isEmpty, let chunkReader = state.chunkReader.take() else {
                return (headReader, nil, [])
            }
            defer { state.waiting = [] }
            return (headReader, chunkReader, state.waiting)
        }
        if let headReader { headReader.resume(returning: .success(answer())) }
        chunkReader?.resume(returning: .success(chunk))
    }

    func complete(_ ending: Ending) {
        let result = state.withLock { state in
            let result = outcome(of: ending, state)
            state.ending = result
            return result
        }
        // What has come is the caller's, whatever ended the transfer after its head.
        if ending.failure != .cancelled, state.withLock({ $0.head.isComplete && $0.refusal == nil }) { deliver() }
        let (headReader, chunkReader) = state.withLock { ($0.headReader.take(), $0.chunkReader.take()) }
        // libcurl sees no fault in a head that breaks off.
        headReader?.resume(
            returning: result.flatMap { .failure(.connection(detail: "closed before the answer's head was complete")) })
        chunkReader?.resume(returning: result.map { nil })
    }

    private func answer() -> HTTPResponse {
        let (status, fields) = state.withLock { ($0.head.status, $0.head.fields) }
        return HTTPResponse(status: status, headers: HTTPHeaders(fields), body: HTTPBody(self))
    }

    private func outcome(of ending: Ending, _ state: State) -> Result<Void, OutboundError> {
        if ending.failure == .none { return .success(()) }
        if ending.failure == .cancelled { return .failure(.cancelled) }
        if let refusal = ending.cause ?? state.refusal { return .failure(refusal) }
        if let address = state.refusedAddress, !state.head.isComplete, ending.failure == .connection {
            return .failure(.refusedAddress(address.description))
        }
        return .failure(
            OutboundError(ending, host: plan.url.host, timeouts: plan.timeouts, hasHead: state.head.isComplete))
    }
}

/// How long nothing has moved, by libcurl's own clock.
private struct Silence {
    private var bytes: Int64 = -1
    private var since: Int64 = 0

    /// Whether nothing has moved for longer than `limit`. Connecting and pauses of our own do not count.
    mutating func exceeds(_ limit: Duration?, at progress: Progress, bytes: Int64, isPaused: Bool) -> Bool {
        if progress.readyAt == 0 || isPaused || bytes != self.bytes {
            self.bytes = bytes
            since = progress.elapsed
            return false
        }
        guard let limit else { return false }
        return .microseconds(progress.elapsed - since) > limit
    }
}

extension OutboundError {
    fileprivate init(_ ending: Ending, host: String, timeouts: HTTPTimeouts, hasHead: Bool) {
        if ending.proxyCode != 0, ending.proxyCode / 100 != 2, !hasHead {
            self = .proxy(detail: "it answers \(ending.proxyCode)")
            return
        }
        switch ending.failure {
        case .name: self = .name(host: host)
        case .connection where hasHead, .truncated: self = .truncated(detail: ending.detail)
        case .connection: self = .connection(detail: ending.detail)
        case .tls: self = .tls(detail: ending.detail)
        case .timeout: self = .timeout(ending.readyAt == 0 ? .connect : .total)
        case .malformed: self = .malformed(detail: ending.detail)
        case .proxy: self = .proxy(detail: ending.detail)
        case .request: self = .invalidRequest(ending.detail)
        case .none, .login, .aborted, .other, .cancelled:
            self = hasHead ? .malformed(detail: ending.detail) : .connection(detail: ending.detail)
        }
    }
}
