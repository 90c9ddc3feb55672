public import NIOCore

// The end: a farewell in order, or a fault.
extension TLSHandler {
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
    func sayGoodbye(_ context: ChannelHandlerContext) {
        wrap(context, toTheEnd: true)
        guard state == .open else { return }
        state = .closing
        session.close()
        sendOutput(context)
        writes.failAll(ChannelError.ioOnClosedChannel)
        if state == .closing { context.read() }
    }

    /// The peer sent close_notify: nothing follows it.
    func farewell(_ context: ChannelHandlerContext) {
        if state == .open { sayGoodbye(context) }
        finishClosing(context)
    }

    func finishClosing(_ context: ChannelHandlerContext) {
        guard state == .closing else { return }
        let promise = closePromise
        closePromise = nil
        end(context, error: ChannelError.ioOnClosedChannel)
        context.close(promise: promise)
    }

    /// The one way out after a fault: alert sent, promises failed once, error told once, channel closed (pitfall 7).
    func terminate(_ context: ChannelHandlerContext, _ error: TLSError) {
        guard state != .closed else { return }
        sendOutput(context)
        let promise = closePromise
        closePromise = nil
        end(context, error: error)
        context.fireErrorCaught(error)
        context.close(promise: promise)
    }

    func end(_ context: ChannelHandlerContext, error: any Error) {
        state = .closed
        closeTimer?.cancel()
        closeTimer = nil
        incoming.removeAll()
        writes.failAll(error)
        let promise = closePromise
        closePromise = nil
        promise?.succeed()
    }
}
