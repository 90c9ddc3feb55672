import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite struct ClosingTests {
    @Test func `closing sends what was flushed, says goodbye and is clean at both ends`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        let write = pair.client.writeAndFlush(ByteBuffer(repeating: 1, count: 100_000))
        let close = pair.client.close()
        try write.wait()
        try pair.exchange()
        try close.wait()
        #expect(pair.atServer.received.readableBytes == 100_000)
        #expect(pair.atClient.errors.isEmpty && pair.atServer.errors.isEmpty)
        #expect(pair.atServer.isInactive && pair.atClient.isInactive)
    }

    @Test func `what the peer had on its way when we closed is still delivered`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        pair.server.writeAndFlush(ByteBuffer(string: "the last answer"), promise: nil)
        let close = pair.client.close()
        try pair.exchange()
        try close.wait()
        #expect(String(buffer: pair.atClient.received) == "the last answer")
    }

    @Test func `a peer that never says goodbye is waited for only so long`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        let close = pair.client.close()
        var done = false
        close.assumeIsolated().whenSuccess { done = true }
        pair.loop.advanceTime(by: .milliseconds(2_999))
        #expect(!done)
        pair.loop.advanceTime(by: .milliseconds(1))
        #expect(done)
        #expect(!pair.client.isActive)
    }

    @Test func `an end without goodbye is an error, also between records`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        let waiting = pair.server.write(ByteBuffer(string: "not flushed"))
        pair.server.pipeline.fireChannelInactive()
        pair.loop.run()
        #expect(pair.atServer.errors.map(\.reason) == [.truncated])
        #expect(throws: TLSError.self) { try waiting.wait() }
    }

    @Test func `closing twice completes both promises`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        let first = pair.client.close()
        let second = pair.client.close()
        try pair.exchange()
        try first.wait()
        try second.wait()
    }

    @Test func `writing after closing fails at once`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        pair.client.close(promise: nil)
        #expect(throws: ChannelError.ioOnClosedChannel) {
            try pair.client.writeAndFlush(ByteBuffer(string: "late")).wait()
        }
        try pair.exchange()
    }

    @Test func `closing from within a read, a handshake or an error does no harm`() throws {
        let reading = try TestParties.shared.get().pair()
        reading.atServer.onRead = { context, _ in context.close(promise: nil) }
        try reading.connect()
        reading.client.writeAndFlush(ByteBuffer(string: "close when you read this"), promise: nil)
        try reading.exchange()
        #expect(reading.atClient.isInactive && reading.atServer.isInactive)
        #expect(reading.atServer.errors.isEmpty && reading.atClient.errors.isEmpty)

        let shaking = try TestParties.shared.get().pair()
        shaking.atServer.onHandshake = { $0.close(promise: nil) }
        try shaking.connect()
        #expect(shaking.atClient.isInactive && shaking.atServer.isInactive)

        let failing = try TestParties.shared.get().pair(expecting: "billing")
        failing.atClient.onError = { $0.close(promise: nil) }
        try failing.connect()
        #expect(failing.atClient.errors.count == 1)
    }
}
