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
    let closeTimeout: TimeAmount
    var closeTimer: Scheduled<Void>?

    /// Input not yet given to the session, oldest first.
    var incoming = CircularBuffer<ByteBuffer>(initialCapacity: 4)
    /// Inside `unwrap`: inner calls only queue (pitfall 4).
    private var isUnwrapping = false
    var isWrapping = false
    /// A `read` from above that no plaintext has answered yet.
    var readWaits = false
    /// Bytes the session itself wanted sent that the socket has not taken: a peer causes them by asking for new keys.
    var answersUnderWay = 0
    /// Small buffers are used again once nobody reads them any longer; on long ones an idle connection would sit.
    private var plaintext = ByteBuffer()
    var ciphertext = ByteBuffer()

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
    func readOn(_ context: ChannelHandlerContext) {
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
            plaintext.clear(minimumCapacity: expectedBytes)
            var outcome = TLSSession.ReadOutcome.bytes(0)
            var fault: TLSError?
            do throws(TLSError) {
                while case .bytes = outcome, plaintext.readableBytes < Self.deliveryBytesMax {
                    outcome = try session.read(into: &plaintext, roomBytes: 256)
                    // Mostly the record was the last one: it need not be asked to say so.
                    if case .bytes = outcome, !session.hasInput { outcome = .wantsInput }
                }
            } catch {
                fault = error
            }
            // A read may have caused an answer, a failed one an alert (pitfall 2).
            sendOutput(context)
            if plaintext.readableBytes > 0 {
                readWaits = false
                context.fireChannelRead(wrapInboundOut(plaintext))
                if plaintext.capacity > Self.spareBytesMax { plaintext = ByteBuffer() }
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

    /// The longest buffer that is kept for the next use.
    static let spareBytesMax = 1024
    /// Fed to the session at a time.
    static let feedBytesMax = 32 * 1024
    /// Delivered in one `channelRead`.
    static let deliveryBytesMax = 64 * 1024
    /// Encrypted before the socket is asked again.
    static let burstBytesMax = 64 * 1024
    /// More of its own answers than this a peer may not leave untaken.
    static let answersBytesMax = 64 * 1024
}
