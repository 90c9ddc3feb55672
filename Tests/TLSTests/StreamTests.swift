import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite struct StreamTests {
    @Test func `one byte at a time in both directions, handshake and echo come through unchanged`() throws {
        try echo(bytes: 20_000) { buffer in buffer.readSlice(length: 1)! }
    }

    @Test(arguments: [2, 5, 6, 21, 22, 1_000, 16_384, 16_385, 70_000])
    func `a stream cut into equal pieces comes back unchanged`(pieceBytes: Int) throws {
        try echo(bytes: min(1 << 20, pieceBytes * 10_000)) { buffer in
            buffer.readSlice(length: min(pieceBytes, buffer.readableBytes))!
        }
    }

    @Test(arguments: UInt64(1)...8)
    func `a mebibyte cut at random comes back unchanged`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        try echo(bytes: 1 << 20) { buffer in
            let longest = [1, 300, 4_000, 40_000].randomElement(using: &numbers)!
            return buffer.readSlice(length: min(.random(in: 1...longest, using: &numbers), buffer.readableBytes))!
        }
    }

    /// The server sends back what it reads, from within the read.
    private func echo(bytes: Int, split: @escaping (inout ByteBuffer) -> ByteBuffer) throws {
        let pair = try TestParties.shared.get().pair()
        pair.split = split
        pair.atServer.onRead = { context, bytes in
            context.writeAndFlush(NIOAny(bytes), promise: nil)
        }
        var numbers = SeededNumbers(seed: 7)
        var sent = ByteBuffer()
        sent.writeBytes((0..<bytes).map { _ in UInt8.random(in: 0...255, using: &numbers) })
        try pair.connect()
        let write = pair.client.writeAndFlush(sent)
        try pair.exchange()
        try write.wait()
        #expect(pair.atClient.errors.isEmpty && pair.atServer.errors.isEmpty)
        #expect(pair.atClient.received == sent)
    }

    @Test func `many short writes share a record and each gets its promise, in order`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        var completed: [Int] = []
        for number in 0..<1_000 {
            pair.client.write(ByteBuffer(string: "\(number),")).assumeIsolated().whenSuccess {
                completed.append(number)
            }
        }
        pair.client.write(ByteBuffer()).assumeIsolated().whenSuccess { completed.append(1_000) }
        #expect(completed.isEmpty)
        pair.client.flush()
        #expect(completed == Array(0...1_000))
        var ciphertext = 0
        while let bytes = try pair.client.readOutbound(as: ByteBuffer.self) {
            ciphertext += bytes.readableBytes
            pair.server.pipeline.fireChannelRead(bytes)
        }
        // 3890 bytes of text and one record's overhead, not a thousand.
        #expect(ciphertext < 3_890 + 40)
        #expect(pair.atServer.received.readableBytes == 3_890)
    }

    @Test func `an empty write alone still completes`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        try pair.client.writeAndFlush(ByteBuffer()).wait()
    }

    @Test func `a socket that takes nothing leaves the rest unencrypted until it does`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        pair.client.isWritable = false
        let write = pair.client.writeAndFlush(ByteBuffer(repeating: 7, count: 1 << 20))
        #expect(try pair.client.readOutbound(as: ByteBuffer.self) == nil)
        pair.client.isWritable = true
        pair.client.pipeline.fireChannelWritabilityChanged()
        try write.wait()
        try pair.exchange()
        #expect(pair.atServer.received.readableBytes == 1 << 20)
    }

    @Test func `a changed byte breaks the connection and delivers nothing of its record`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        pair.client.writeAndFlush(ByteBuffer(string: "good"), promise: nil)
        try pair.exchange()
        pair.client.writeAndFlush(ByteBuffer(string: "will be changed"), promise: nil)
        var bytes = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
        bytes.setInteger(bytes.getInteger(at: 12, as: UInt8.self)! ^ 1, at: 12)
        pair.server.pipeline.fireChannelRead(bytes)
        pair.loop.run()
        #expect(pair.atServer.errors.map(\.reason) == [.recordDamaged])
        #expect(String(buffer: pair.atServer.received) == "good")
        #expect(!pair.server.isActive)
        // The sender learns of it by an alert.
        try pair.exchange()
        #expect(pair.atClient.errors.map(\.reason) == [.refusedByPeer])
    }
}
