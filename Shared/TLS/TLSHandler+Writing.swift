public import NIOCore

// Out: plaintext waits here until the socket takes it.
extension TLSHandler {
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
    func wrap(_ context: ChannelHandlerContext, toTheEnd: Bool = false) {
        guard state == .open, !isWrapping else { return }
        isWrapping = true
        defer { isWrapping = false }
        while state == .open, writes.hasFlushed, toTheEnd || context.channel.isWritable {
            ciphertext.clear(minimumCapacity: writes.outputBytesExpected)
            var done = FinishedWrites()
            do throws(TLSError) {
                while writes.hasFlushed, ciphertext.readableBytes < Self.burstBytesMax {
                    try writes.withNextRecord(&done) { bytes throws(TLSError) in
                        let count = try session.write(bytes)
                        session.takeOutput(into: &ciphertext)
                        return count
                    }
                }
            } catch {
                done.fail(error)
                return terminate(context, error)
            }
            // A write is done when the last bytes that carry it are (pitfall 15).
            context.writeAndFlush(wrapOutboundOut(ciphertext), promise: done.promise(on: context.eventLoop))
            if ciphertext.capacity > Self.spareBytesMax { ciphertext = ByteBuffer() }
        }
    }

    func sendOutput(_ context: ChannelHandlerContext) {
        guard session.pendingOutput > 0 else { return }
        var output = ByteBufferAllocator().buffer(capacity: session.pendingOutput)
        session.takeOutput(into: &output)
        let count = output.readableBytes
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.answersUnderWay -= count }
        answersUnderWay += count
        context.writeAndFlush(wrapOutboundOut(output), promise: sent)
    }
}
