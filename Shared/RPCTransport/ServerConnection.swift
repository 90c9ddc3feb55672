import CoreTypes
import JSON
import Logging
import NIOCore
import RPC
import TLS

/// One accepted connection: frames in, calls started on this event loop, answers out.
///
/// It belongs to its event loop; other threads reach it through ``ServerConnections``.
final class ServerConnection: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let burstFramesMax = 32

    private enum Phase {
        case handshaking
        case awaitingFirstFrame
        case open
        /// The reason is sent; nothing more is read.
        case ending
    }

    private let number: UInt64
    let shared: ServerShared
    private let executor: EventLoopExecutor
    private var phase = Phase.handshaking
    private var reader: FrameReader
    private var peer: PeerIdentity?
    var session: ServerSession?
    var outlet: ServerOutlet?
    var context: ChannelHandlerContext?
    /// Handshake, then first frame, then silence.
    private var watch: Scheduled<Void>?
    var aging: Scheduled<Void>?
    private var callTimer: Scheduled<Void>?
    var lastReceived = ContinuousClock.now
    /// When the client was asked to go elsewhere.
    var drainingSince: ContinuousClock.Instant?
    private var isWritable = true
    /// Of the read under way, since something was sent.
    private var framesUnsent = 0
    /// Asked for by the pipeline while the client did not take its answers.
    private var readIsHeld = false

    init(number: UInt64, shared: ServerShared, executor: EventLoopExecutor) {
        self.number = number
        self.shared = shared
        self.executor = executor
        reader = FrameReader(frameBytesMax: shared.limits.session.frameBytesMax)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watch = schedule(in: .seconds(Int64(shared.limits.handshakeSecondsMax))) { connection in
            guard let context = connection.context else { return }
            connection.shared.refusals.note("handshake_too_slow", context.channel)
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let handshake = event as? TLSHandshakeCompleted, let identity = handshake.peer {
            authorized(context, PeerIdentity(identity), tls: handshake.parameters)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// The peer is who it says: the first frame goes out, and only now anything is read from it.
    private func authorized(_ context: ChannelHandlerContext, _ peer: PeerIdentity, tls: String) {
        do throws(TLSError) {
            // The handshake began with what may be an older revocation list.
            try context.pipeline.syncOperations.verifyPeer(by: shared.tls.current)
        } catch {
            phase = .ending
            shared.refusals.note(error.reason.rawValue, context.channel)
            return context.close(promise: nil)
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let outlet = ServerOutlet(eventLoop: context.eventLoop, connection: bound)
        self.outlet = outlet
        guard shared.connections.identify(number, peer) else {
            return end(.tooManyConnections(max: shared.limits.connectionsPerPeerMax))
        }
        self.peer = peer
        let session = ServerSession(
            router: shared.router, peer: peer, outlet: outlet, executor: executor, limits: shared.limits.session)
        self.session = session
        phase = .awaitingFirstFrame
        shared.connections.opened(
            RPCConnectionInfo(
                number: number, peer: peer, remoteAddress: context.remoteAddress?.description ?? "unknown", tls: tls))
        log(.debug, "connection opened")
        outlet.outbox.beginBurst()
        session.sendHello()
        flush()
        watchFirstFrame()
        aging = schedule(in: .seconds(Int64(shared.limits.connectionAgeSecondsMax))) { $0.drain() }
        if shared.connections.isDraining { drain() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError {
            // A cut link is everyday; a refused certificate somebody has to look at.
            log(.debug, "TLS failed", ["reason": "\(error.reason.rawValue)", "detail": "\(error.detail)"])
            if error.needsChange { shared.refusals.note(error.reason.rawValue, context.channel) }
        } else {
            log(.debug, "connection failed", ["error": "\(error)"])
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .ending
        for timer in [watch, aging, callTimer] { timer?.cancel() }
        outlet?.outbox.close()
        session?.close()
        session = nil
        outlet = nil
        self.context = nil
        log(.debug, "connection closed")
        context.fireChannelInactive()
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session, phase != .ending else { return }
        let now = ContinuousClock.now
        outlet?.outbox.beginBurst()
        framesUnsent = 0
        do throws(FrameFault) {
            try reader.read(unwrapInboundIn(data)) { json in
                // Bytes that never become a frame are silence.
                lastReceived = now
                if phase == .awaitingFirstFrame { opened() }
                session.receive(json, at: now)
                framesUnsent += 1
                if framesUnsent == Self.burstFramesMax { flushWithinBurst() }
                // What was written may have found the channel broken.
                return phase != .ending
            }
        } catch {
            end(ConnectionFault(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Calls that became ready in this read answer now: many answers, one record, one write.
        executor.drain()
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        // A client that does not take its answers gets no more calls in.
        guard isWritable || phase == .handshaking || phase == .ending else {
            readIsHeld = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable, readIsHeld {
            readIsHeld = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Out

    /// In the middle of a long read, so that the first answers do not wait for the work of the last.
    private func flushWithinBurst() {
        framesUnsent = 0
        flush()
        outlet?.outbox.beginBurst()
    }

    /// Writes everything that waits as one piece.
    func flush() {
        guard let outlet, let context else { return }
        while true {
            switch outlet.outbox.take() {
            case .streamsFirst: session?.writePending()
            case .frames(let buffer):
                context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
                return
            case .nothing: return
            }
        }
    }

    func armCallTimer(at instant: ContinuousClock.Instant) {
        callTimer?.cancel()
        let wait = ContinuousClock.now.duration(to: instant)
        callTimer = schedule(in: TimeAmount(max(wait, .zero))) { connection in
            connection.session?.expireCalls()
            connection.flush()
        }
    }

    /// Tells the client why and closes.
    private func end(_ fault: ConnectionFault) {
        guard phase != .ending, let context else { return }
        phase = .ending
        log(.notice, "connection refused", ["reason": "\(fault.serviceError.reason)"])
        session?.close()
        if let outlet {
            let writer = JSONWriter()
            fault.write(into: writer)
            outlet.outbox.append(writer.bytes)
            flush()
        }
        context.close(promise: nil)
    }

    // MARK: Time

    func schedule(in delay: TimeAmount, _ body: @escaping (ServerConnection) -> Void) -> Scheduled<Void>? {
        guard let context else { return nil }
        let bound = NIOLoopBound((self, body), eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: delay) {
            let (connection, body) = bound.value
            body(connection)
        }
    }

    private func watchFirstFrame() {
        watch?.cancel()
        let seconds = shared.limits.firstFrameSecondsMax
        watch = schedule(in: .seconds(Int64(seconds))) { $0.end(.firstFrameMissing(seconds: seconds)) }
    }

    private func opened() {
        phase = .open
        watch?.cancel()
        watchSilence(until: lastReceived + .seconds(shared.limits.idleSecondsMax))
    }

    /// One timer for the whole life, not one for each frame.
    private func watchSilence(until deadline: ContinuousClock.Instant) {
        watch = schedule(in: TimeAmount(max(.zero, deadline - .now))) { connection in
            let seconds = connection.shared.limits.idleSecondsMax
            let until = connection.lastReceived + .seconds(seconds)
            if .now >= until {
                connection.end(.idle(seconds: seconds))
            } else {
                connection.watchSilence(until: until)
            }
        }
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        var metadata = metadata
        metadata["connection"] = "\(number)"
        metadata["peer"] = peer.map { "\($0.label)" }
        shared.logger.log(level: level, message, metadata: metadata)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(overflow ? .max / 2 : min(nanoseconds &+ attoseconds / 1_000_000_000, .max / 2))
    }
}
