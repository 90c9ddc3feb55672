import CoreTypes
import JSON
import Logging
import NIOCore
import RPC
import TLS

/// The socket's side of a client's connection: waits for the server's hello, then passes frames to the calls.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Settings: Sendable {
        let service: String
        let tls: TLSContextSource
        let number: UInt64
        let limits: RPCClientLimits
        let logger: Logger
        let executor: EventLoopExecutor
        /// The connection takes no new calls: it is lost, or its server drains.
        let retire: @Sendable (ClientConnection, _ drained: ContinuousClock.Instant?) -> Void
    }

    private let settings: Settings
    /// Completed by the hello, or by what prevented it.
    private let greeted: EventLoopPromise<ClientConnection>
    private var reader: FrameReader
    private var context: ChannelHandlerContext?
    private var outbox: FrameOutbox?
    private var handshake: TLSHandshakeCompleted?
    private var connection: ClientConnection?
    /// Let go of, and perhaps still being taken by the client.
    private var lost: ClientConnection?
    private var keepalive: Keepalive?
    private var watch: Scheduled<Void>?
    /// The first thing that went wrong.
    private var fault: ServiceError?

    init(_ settings: Settings, greeted: EventLoopPromise<ClientConnection>) {
        self.settings = settings
        self.greeted = greeted
        reader = FrameReader(frameBytesMax: settings.limits.frameBytesMax)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        outbox = FrameOutbox(eventLoop: context.eventLoop) { bound.value.flush() }
        watch = context.eventLoop.scheduleTask(in: .seconds(Int64(settings.limits.helloSecondsMax))) {
            bound.value.end(.unreachable(bound.value.settings.service, "no rpc.hello in time"))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSHandshakeCompleted { handshake = event }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError {
            end(ServiceError(error, service: settings.service))
        } else {
            end(.connectionLost(settings.service, "\(error)"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    private func end(_ error: ServiceError) {
        fault = fault ?? error
        connection?.noteLoss(error.arguments["detail"] ?? error.reason)
        // Not only once the channel is closed: a peer that is gone never says goodbye, and is waited for.
        letGo()
        context?.close(promise: nil)
    }

    /// First out of the client's hands, so that what is sent again takes another; then every waiting call fails.
    private func letGo() {
        guard let connection else { return }
        self.connection = nil
        lost = connection
        settings.retire(connection, nil)
        connection.lost()
        settings.logger.debug("connection lost", metadata: ["service": "\(settings.service)"])
    }

    private func gone() {
        guard context != nil else { return }
        context = nil
        watch?.cancel()
        outbox?.close()
        outbox = nil
        greeted.fail(fault ?? .connectionLost(settings.service, "closed before rpc.hello"))
        letGo()
        // Once more: it may have been let go before the client had taken it.
        if let lost { settings.retire(lost, nil) }
        lost = nil
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard fault == nil, let outbox else { return }
        keepalive?.received(at: .now())
        outbox.beginBurst()
        do throws(FrameFault) {
            try reader.read(unwrapInboundIn(data)) { json in
                receive(json, context)
                return fault == nil
            }
        } catch {
            end(.connectionLost(settings.service, "\(error)"))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Callers that live on this loop go on now, and what they send leaves with the flush.
        settings.executor.drain {
            flush()
            outbox?.beginBurst()
        }
        flush()
        connection?.closeIfDone()
        context.fireChannelReadComplete()
    }

    private func receive(_ json: UnsafeRawBufferPointer, _ context: ChannelHandlerContext) {
        do {
            try IncomingFrame.scan(json) { frame in
                switch (frame, connection) {
                case (.result(let id, let node), let connection?): connection.complete(id, node)
                case (.failure(let id?, let error), let connection?): connection.fail(id, error)
                case (.items(let id, let node), let connection?): connection.receive(id, items: node)
                case (.hello(let hello), nil): try greet(hello, context)
                case (.drain, let connection?): drained(connection)
                case (.failure(nil, let error), _): refused(error)
                case (.ignored, _), (.hello, _?): break
                case (_, nil): throw ServiceError(.internal, reason: "hello_missing")
                }
            }
        } catch {
            end((error as? ServiceError) ?? .connectionLost(settings.service, "\(error)"))
        }
    }

    private func greet(_ hello: ServerHello, _ context: ChannelHandlerContext) throws(ServiceError) {
        guard hello.versionMin <= ServerHello.version, hello.version >= ServerHello.version else {
            throw ServiceError(
                .failedPrecondition, reason: "protocol_version_unsupported",
                arguments: ["service": settings.service, "versions": "\(hello.versionMin) to \(hello.version)"])
        }
        guard let peer = handshake?.peer, let outbox else { return }
        let info = RPCConnectionInfo(
            number: settings.number, peer: PeerIdentity(peer),
            remoteAddress: context.remoteAddress?.description ?? "unknown", tls: handshake?.parameters ?? "")
        let connection = ClientConnection(
            channel: context.channel, info: info, service: settings.service, hello: hello, outbox: outbox)
        self.connection = connection
        try connection.sendHello()
        startKeepalive(hello.limits, context)
        if let fault { throw fault }
        greeted.succeed(connection)
    }

    private func drained(_ connection: ClientConnection) {
        settings.retire(connection, .now)
        connection.retire()
    }

    /// The server ends the connection and says why.
    private func refused(_ error: ServiceError) {
        settings.logger.notice(
            "server ends the connection", metadata: ["service": "\(settings.service)", "reason": "\(error.reason)"])
        connection?.noteLoss(error.reason)
        fault = fault ?? error
        context?.close(promise: nil)
    }

    // MARK: Out

    private func flush() {
        guard let outbox, let context, case .frames(let buffer) = outbox.take() else { return }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    // MARK: Keepalive

    private func startKeepalive(_ limits: SessionLimits, _ context: ChannelHandlerContext) {
        keepalive = Keepalive(
            interval: .milliseconds(limits.keepaliveIntervalMs), timeout: .milliseconds(limits.keepaliveTimeoutMs),
            now: .now())
        lookForLife()
    }

    /// Whether the server is still accepted, by a revocation list that may be newer than the connection.
    private func verifyServer() throws(TLSError) {
        // What is wrong with files that cannot be used is told once for each connection, not at each look.
        if settings.tls.reloadIfChanged() == .reloaded { settings.logger.notice("certificates renewed") }
        try context?.pipeline.syncOperations.verifyPeer(by: settings.tls.current)
    }

    private func lookForLife() {
        do throws(TLSError) {
            try verifyServer()
        } catch {
            settings.logger.notice(
                "server no longer accepted",
                metadata: ["service": "\(settings.service)", "reason": "\(error.reason.rawValue)"])
            return end(ServiceError(error, service: settings.service))
        }
        switch keepalive?.look(at: .now()) {
        case nil: break
        case .wait(let until): lookAgain(at: until)
        case .ping(let until):
            connection?.ping()
            lookAgain(at: until)
        case .dead: end(.connectionLost(settings.service, "no answer to rpc.ping"))
        }
    }

    private func lookAgain(at deadline: NIODeadline) {
        guard let context else { return }
        watch?.cancel()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // Not only when the server wants to be asked: it may be the one that is revoked.
        let latest = NIODeadline.now() + .seconds(Int64(settings.limits.certificatePollSeconds))
        watch = context.eventLoop.scheduleTask(deadline: min(deadline, latest)) { bound.value.lookForLife() }
    }
}
