public import NIOCore

/// Encrypts what goes out and decrypts what comes in, over OpenSSL's memory buffers.
///
/// Plaintext above, ciphertext below; `ByteBuffer` both ways. It starts the handshake when the channel becomes
/// active, or at once when added to an active one (STARTTLS: throw away what came before, it is not authentic).
/// Writes made before the handshake ends wait for it. ``TLSHandshakeCompleted`` comes as a user inbound event, a
/// fault as one `errorCaught(TLSError)` after which the channel closes. A time limit for the handshake is the
/// caller's. The peer's close_notify ends both directions.
public final class TLSHandler: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    enum State {
        case idle
        case handshaking
        case open
        /// close_notify is sent; what the peer still has to say is delivered until its own.
        case closing
        /// Nothing goes in or out any more. The only state after a fatal error (pitfall 9).
        case closed
    }

    let session: TLSSession
    var state = State.idle
    var writes = WriteQueue()
    var closePromise: EventLoopPromise<Void>?
    private let closeTimeout: TimeAmount
    private var closeTimer: Scheduled<Void>?

    /// Input not yet given to the session, oldest first.
    private var incoming = CircularBuffer<ByteBuffer>(initialCapacity: 4)
    /// Inside `unwrap`: inner calls only queue (pitfall 4).
    private var isUnwrapping = false
    private var isWrapping = false
    /// A `read` from above that no plaintext has answered yet.
    private var readWaits = false
    /// Bytes the session itself wanted sent that the socket has not taken: a peer causes them by asking for new keys.
    private var answersUnderWay = 0

    /// - Parameter closeTimeout: how long after our close_notify the peer's is waited for.
    public init(context: TLSContext, role: TLSRole, closeTimeout: TimeAmount = .seconds(3)) {
        session = TLSSession(context, role)
        self.closeTimeout = closeTimeout
    }

    /// Asks whether a newer context, as one with a new revocation list, still accepts the peer. On the event loop.
    public func verifyPeer(by context: TLSContext) throws(TLSError) {
        guard state == .open else { return }
        try session.verifyPeer(by: context)
    }

    // MARK: Life

    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        start(context)
    }

    private func start(_ context: ChannelHandlerContext) {
        guard state == .idle else { return }
        state = .handshaking
        advanceHandshake(context)
        // Without automatic reading nobody above asks for bytes before there is anything to read.
        if state == .handshaking { context.read() }
    }

    private func advanceHandshake(_ context: ChannelHandlerContext) {
        do throws(TLSError) {
            let isDone = try session.handshake()
            sendOutput(context)
            guard isDone else { return }
        } catch {
            terminate(context, error)
            return
        }
        state = .open
        context.fireUserInboundEventTriggered(
            TLSHandshakeCompleted(peer: session.peer, parameters: session.parameters))
        wrap(context)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .idle, .closing, .closed: end(context, error: ChannelError.ioOnClosedChannel)
        case .handshaking: terminate(context, TLSError(.endedInHandshake, "the peer hung up"))
        // Without close_notify nobody knows whether the end is missing (pitfall 8).
        case .open: terminate(context, TLSError(.truncated, "the connection ended without close_notify"))
        }
        context.fireChannelInactive()
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        end(context, error: ChannelError.ioOnClosedChannel)
    }

    // MARK: In

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        incoming.append(unwrapInboundIn(data))
        unwrap(context)
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        switch state {
        // The handshake's and the farewell's bytes are asked for by nobody else.
        case .handshaking, .closing: context.read()
        case .open: readOn(context)
        case .idle, .closed: break
        }
    }

    /// Someone waits for plaintext, but the bytes so far were not a whole record. Not while the peer takes nothing: who
    /// asked may hold back for the same reason.
    private func readOn(_ context: ChannelHandlerContext) {
        if state == .open, readWaits, context.channel.isWritable { context.read() }
    }

    public func read(context: ChannelHandlerContext) {
        readWaits = true
        context.read()
    }

    /// Decrypts all input. Bounded by what the socket hands over in one turn: plaintext is never longer.
    private func unwrap(_ context: ChannelHandlerContext) {
        guard !isUnwrapping else { return }
        isUnwrapping = true
        defer { isUnwrapping = false }
        while var buffer = incoming.popFirst() {
            while buffer.readableBytes > 0, state != .closed {
                // Memory buffers do not shrink, so they are never filled far (pitfall 14).
                let count = min(buffer.readableBytes, Self.feedBytesMax)
                do throws(TLSError) {
                    try buffer.withUnsafeReadableBytes { bytes throws(TLSError) in
                        try session.feed(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
                    }
                } catch {
                    terminate(context, error)
                }
                buffer.moveReaderIndex(forwardBy: count)
                if state == .handshaking { advanceHandshake(context) }
                if state == .open || state == .closing { decrypt(context, expectedBytes: count) }
            }
        }
    }

    /// Reads records until the session wants input: there may be several, and no event follows for them (pitfall 3).
    private func decrypt(_ context: ChannelHandlerContext, expectedBytes: Int) {
        while state == .open || state == .closing {
            var plaintext = context.channel.allocator.buffer(capacity: expectedBytes)
            var outcome = TLSSession.ReadOutcome.bytes(0)
            var fault: TLSError?
            do throws(TLSError) {
                while case .bytes = outcome, plaintext.readableBytes < Self.deliveryBytesMax {
                    outcome = try session.read(into: &plaintext, roomBytes: 256)
                }
            } catch {
                fault = error
            }
            // A read may have caused an answer, a failed one an alert (pitfall 2).
            sendOutput(context)
            if plaintext.readableBytes > 0 {
                readWaits = false
                context.fireChannelRead(wrapInboundOut(plaintext))
            }
            if let fault { return terminate(context, fault) }
            if answersUnderWay > Self.answersBytesMax {
                return terminate(context, TLSError(.broken, "the peer takes no answers"))
            }
            switch outcome {
            case .bytes: continue
            case .wantsInput: return
            case .closedByPeer: return farewell(context)
            }
        }
    }

    // MARK: Out

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch state {
        // Before the handshake is done it only waits; trying would spin (pitfall 5).
        case .idle, .handshaking, .open: writes.append(unwrapOutboundIn(data), promise)
        case .closing, .closed: promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    public func flush(context: ChannelHandlerContext) {
        writes.mark()
        wrap(context)
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        wrap(context)
        readOn(context)
        context.fireChannelWritabilityChanged()
    }

    /// Encrypts what was flushed, as long as the socket takes it: the rest stays plaintext and counts for nobody
    /// twice (pitfall 14).
    ///
    /// - Parameter toTheEnd: whatever the socket says, as the last thing before closing.
    private func wrap(_ context: ChannelHandlerContext, toTheEnd: Bool = false) {
        guard state == .open, !isWrapping else { return }
        isWrapping = true
        defer { isWrapping = false }
        while state == .open, writes.hasFlushed, toTheEnd || context.channel.isWritable {
            var output = context.channel.allocator.buffer(capacity: writes.outputBytesExpected)
            var done = FinishedWrites()
            do throws(TLSError) {
                while writes.hasFlushed, output.readableBytes < Self.burstBytesMax {
                    try writes.withNextRecord(&done) { bytes throws(TLSError) in
                        let count = try session.write(bytes)
                        session.takeOutput(into: &output)
                        return count
                    }
                }
            } catch {
                done.fail(error)
                return terminate(context, error)
            }
            // A write is done when the last bytes that carry it are (pitfall 15).
            context.writeAndFlush(wrapOutboundOut(output), promise: done.promise(on: context.eventLoop))
        }
    }

    private func sendOutput(_ context: ChannelHandlerContext) {
        guard session.pendingOutput > 0 else { return }
        var output = context.channel.allocator.buffer(capacity: session.pendingOutput)
        session.takeOutput(into: &output)
        let count = output.readableBytes
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.answersUnderWay -= count }
        answersUnderWay += count
        context.writeAndFlush(wrapOutboundOut(output), promise: sent)
    }

    // MARK: The end

    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all else {
            promise?.fail(ChannelError.operationUnsupported)
            return
        }
        switch state {
        case .idle, .handshaking, .closed:
            end(context, error: ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        case .open:
            closePromise = promise
            sayGoodbye(context)
            guard state == .closing else { return }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            closeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: closeTimeout) {
                let (handler, context) = bound.value
                handler.finishClosing(context)
            }
        case .closing:
            guard let first = closePromise else { closePromise = promise; return }
            first.futureResult.cascade(to: promise)
        }
    }

    /// Sends what was flushed, then close_notify. What comes in is still delivered (pitfall 6).
    private func sayGoodbye(_ context: ChannelHandlerContext) {
        wrap(context, toTheEnd: true)
        guard state == .open else { return }
        state = .closing
        session.close()
        sendOutput(context)
        writes.failAll(ChannelError.ioOnClosedChannel)
        if state == .closing { context.read() }
    }

    /// The peer sent close_notify: nothing follows it.
    private func farewell(_ context: ChannelHandlerContext) {
        if state == .open { sayGoodbye(context) }
        finishClosing(context)
    }

    private func finishClosing(_ context: ChannelHandlerContext) {
        guard state == .closing else { return }
        let promise = closePromise
        closePromise = nil
        end(context, error: ChannelError.ioOnClosedChannel)
        context.close(promise: promise)
    }

    /// The one way out after a fault: alert sent, promises failed once, error told once, channel closed (pitfall 7).
    private func terminate(_ context: ChannelHandlerContext, _ error: TLSError) {
        guard state != .closed else { return }
        sendOutput(context)
        let promise = closePromise
        closePromise = nil
        end(context, error: error)
        context.fireErrorCaught(error)
        context.close(promise: promise)
    }

    private func end(_ context: ChannelHandlerContext, error: any Error) {
        state = .closed
        closeTimer?.cancel()
        closeTimer = nil
        incoming.removeAll()
        writes.failAll(error)
        let promise = closePromise
        closePromise = nil
        promise?.succeed()
    }

    /// Fed to the session at a time.
    static let feedBytesMax = 32 * 1024
    /// Delivered in one `channelRead`.
    static let deliveryBytesMax = 64 * 1024
    /// Encrypted before the socket is asked again.
    static let burstBytesMax = 64 * 1024
    /// More of its own answers than this a peer may not leave untaken.
    static let answersBytesMax = 64 * 1024
}
