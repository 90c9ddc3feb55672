import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

@Suite struct ErrorQueueTests {
    /// 10 healthy streams and 300 failing handshakes in every run, 50 and 5,000 with `--long`.
    @Test func `failing handshakes on the same thread never disturb healthy streams`() throws {
        let parties = try TestParties.shared.get()
        let client = try TLSContext(parties.client.mutual)
        let server = try TLSContext(parties.server.mutual)
        let rounds = LongProof.count(300, long: 5_000)
        let healthy = try (0..<LongProof.count(10, long: 50)).map { _ in try Pair(client: client, server: server) }
        for pair in healthy { try pair.connect() }
        var numbers = SeededNumbers(seed: 3)
        for round in 0..<rounds {
            let failing = try Pair(client: client, server: server, expecting: "billing")
            try failing.client.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
            try failing.server.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
            // Each fails in its own way, and between its steps the healthy ones work.
            switch round % 3 {
            case 0: break
            case 1: failing.server.pipeline.fireChannelRead(ByteBuffer(string: "not TLS at all\r\n\r\n"))
            default:
                failing.split = { buffer in
                    let position = buffer.readerIndex + Int.random(in: 0..<buffer.readableBytes, using: &numbers)
                    buffer.setInteger(buffer.getInteger(at: position, as: UInt8.self)! ^ 0x55, at: position)
                    defer { buffer.clear() }
                    return buffer
                }
            }
            for pair in healthy {
                try failing.carry(from: failing.client, to: failing.server)
                pair.client.writeAndFlush(ByteBuffer(string: "\(round),"), promise: nil)
                try failing.carry(from: failing.server, to: failing.client)
                try pair.exchange()
            }
            // A changed length only makes an end wait for what never comes.
            for end in [failing.client, failing.server] where end.isActive { end.pipeline.fireChannelInactive() }
            #expect(!failing.atClient.errors.isEmpty && !failing.atServer.errors.isEmpty)
        }
        let expected = (0..<rounds).map { "\($0)," }.joined()
        for pair in healthy {
            #expect(pair.atClient.errors.isEmpty && pair.atServer.errors.isEmpty)
            #expect(String(buffer: pair.atServer.received) == expected)
        }
    }

    @Test func `whatever is done in whatever order, every promise completes once and bytes keep their order`() throws {
        let parties = try TestParties.shared.get()
        let client = try TLSContext(parties.client.mutual)
        let server = try TLSContext(parties.server.mutual)
        for seed in 0..<400 as Range<UInt64> {
            try anyOrder(Pair(client: client, server: server), seed)
        }
    }

    private func anyOrder(_ pair: Pair, _ seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var completed: [Int] = []
        var started = 0
        var sent = ""
        pair.split = { [seed] buffer in
            buffer.readSlice(length: min(buffer.readableBytes, 1 + Int((seed &* 37) % 500)))!
        }
        for channel in [pair.client, pair.server] {
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        }
        let steps = Int.random(in: 1...30, using: &numbers)
        for _ in 0..<steps {
            switch Int.random(in: 0...9, using: &numbers) {
            case 0...3:
                let number = started
                started += 1
                let text = "<\(number)>" + String(repeating: "x", count: Int.random(in: 0...20_000, using: &numbers))
                sent += text
                pair.client.write(ByteBuffer(string: text)).assumeIsolated().whenComplete { _ in
                    completed.append(number)
                }
            case 4: pair.client.flush()
            case 5: try pair.carry(from: pair.client, to: pair.server)
            case 6: try pair.carry(from: pair.server, to: pair.client)
            case 7: pair.server.writeAndFlush(ByteBuffer(string: "answer"), promise: nil)
            case 8:
                pair.atServer.onRead = { context, _ in
                    context.writeAndFlush(NIOAny(ByteBuffer(string: "!")), promise: nil)
                }
            default:
                let close = Int.random(in: 0...5, using: &numbers)
                if close == 0 { pair.client.close(promise: nil) }
                if close == 1 { pair.server.close(promise: nil) }
                if close == 2 { pair.server.pipeline.fireChannelInactive() }
            }
        }
        pair.client.close(promise: nil)
        try pair.exchange()
        pair.loop.advanceTime(by: .seconds(10))
        #expect(completed.sorted() == Array(0..<started), "seed \(seed)")
        #expect(completed == completed.sorted(), "seed \(seed)")
        #expect(sent.hasPrefix(String(buffer: pair.atServer.received)), "seed \(seed)")
    }
}
