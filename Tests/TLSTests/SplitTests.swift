import NIOCore
import TestSupport
import Testing

@testable import TLS

/// Handshake and a mebibyte back and forth, however the network cuts them: 200 times in every run, 10,000 with `--long`.
@Suite struct SplitTests {
    @Test func `handshake and echo come through whatever the pieces are, in both directions`() throws {
        let parties = try TestParties.shared.get()
        let contexts = (client: try TLSContext(parties.client.mutual), server: try TLSContext(parties.server.mutual))
        var random = SeededNumbers(seed: 99)
        let sent = ByteBuffer(bytes: (0..<(1 << 20) / 8).flatMap { _ in random.next().bytes })
        for seed in 0..<UInt64(LongProof.count(200, long: 10_000)) {
            let pair = try Pair(client: contexts.client, server: contexts.server, expecting: "scheduler")
            var numbers = SeededNumbers(seed: seed)
            // One seed has long pieces, another short ones and the next both; the first bytes are always cut small.
            let longest = [40, 700, 5_000, 40_000, 70_000][Int(seed % 5)]
            var small = 600
            pair.split = { buffer in
                let most = small > 0 ? 9 : longest
                let length = min(Int.random(in: 1...most, using: &numbers), buffer.readableBytes)
                small -= length
                return buffer.readSlice(length: length)!
            }
            pair.atServer.onRead = { context, bytes in context.writeAndFlush(NIOAny(bytes), promise: nil) }
            try pair.connect()
            // A whole mebibyte in pieces of forty bytes is a matter of seconds, and shows nothing new.
            let length = longest == 40 ? 50_000 : sent.readableBytes
            let slice = sent.getSlice(at: 0, length: length)!
            let write = pair.client.writeAndFlush(slice)
            try pair.exchange()
            try write.wait()
            try #require(pair.atClient.errors.isEmpty && pair.atServer.errors.isEmpty, "seed \(seed)")
            try #require(pair.atClient.received == slice, "seed \(seed)")
        }
    }
}

extension UInt64 {
    fileprivate var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}
