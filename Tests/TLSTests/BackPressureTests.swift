import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite struct BackPressureTests {
    @Test func `a record cut in two is not read on while the socket takes nothing`() throws {
        let pair = try TestParties.shared.get().pair()
        let reads = ReadCounter()
        try pair.server.pipeline.syncOperations.addHandler(reads, position: .first)
        try pair.connect()
        pair.client.writeAndFlush(ByteBuffer(string: "in two pieces"), promise: nil)
        var record = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
        let slice = record.readSlice(length: 20)
        let half = try #require(slice)
        pair.server.read()
        let asked = reads.count

        pair.server.isWritable = false
        pair.server.pipeline.fireChannelRead(half)
        pair.server.pipeline.fireChannelReadComplete()
        #expect(reads.count == asked)

        pair.server.isWritable = true
        pair.server.pipeline.fireChannelWritabilityChanged()
        #expect(reads.count == asked + 1)
        pair.server.pipeline.fireChannelRead(record)
        pair.server.pipeline.fireChannelReadComplete()
        #expect(String(buffer: pair.atServer.received) == "in two pieces")
        // Answered: nobody waits for more.
        pair.server.pipeline.fireChannelWritabilityChanged()
        #expect(reads.count == asked + 1)
    }

    @Test func `a peer that asks for new keys without end and reads nothing is cut off`() throws {
        let pair = try TestParties.shared.get().pair()
        let socket = FullSocket()
        try pair.server.pipeline.syncOperations.addHandler(socket, position: .first)
        try pair.connect()
        socket.isFull = true
        var updates = 0
        while updates < 20_000, pair.atServer.errors.isEmpty {
            updates += 1
            try renewKeys(pair)
        }
        #expect(pair.atServer.errors.map(\.reason) == [.broken])
        #expect(socket.bytesHeld < 2 * TLSHandler.answersBytesMax)
    }

    @Test func `a peer that takes the answers may renew its keys as often as it likes`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        for _ in 0..<3_000 { try renewKeys(pair) }
        try pair.exchange()
        pair.server.writeAndFlush(ByteBuffer(string: "still here"), promise: nil)
        try pair.exchange()
        #expect(String(buffer: pair.atClient.received) == "still here")
        #expect(pair.atServer.errors.isEmpty && pair.atClient.errors.isEmpty)
    }

    private func renewKeys(_ pair: Pair) throws {
        let session = try pair.client.pipeline.syncOperations.handler(type: TLSHandler.self).session
        try #require(session.renewKeys())
        var bytes = ByteBuffer()
        session.takeOutput(into: &bytes)
        try #require(bytes.readableBytes > 0)
        pair.server.pipeline.fireChannelRead(bytes)
        pair.server.pipeline.fireChannelReadComplete()
    }
}

/// Counts what reaches the socket.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

/// A socket whose peer takes nothing, once it is full.
private final class FullSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var isFull = false
    private(set) var bytesHeld = 0
    private var promises: [EventLoopPromise<Void>?] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isFull else { return context.write(data, promise: promise) }
        bytesHeld += unwrapOutboundIn(data).readableBytes
        promises.append(promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        for promise in promises { promise?.fail(ChannelError.ioOnClosedChannel) }
        promises = []
        context.close(mode: mode, promise: promise)
    }
}
