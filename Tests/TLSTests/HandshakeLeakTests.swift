import Foundation
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

extension Alone {
    /// 2,000 handshakes in every run, 100,000 with `--long`, half of them failing at a random point.
    @Suite(.serialized) struct HandshakeLeakTests {
        @Test func `handshakes leave no memory and no file behind, however they end`() throws {
            let parties = try TestParties.shared.get()
            let client = try TLSContext(parties.client.mutual)
            let server = try TLSContext(parties.server.mutual)
            var numbers = SeededNumbers(seed: 5)
            // The first ones fill what is kept for good.
            for _ in 0..<500 { try handshake(client, server, &numbers) }
            let count = LongProof.count(2_000, long: 100_000)
            let filesBefore = Self.openFiles
            // What leaks grows in every part; what is kept for good, in some.
            var grown: [Int] = []
            while grown.count < 8 {
                let before = Self.residentBytes
                for _ in 0..<count / 8 { try handshake(client, server, &numbers) }
                grown.append(Self.residentBytes - before)
            }
            let files = Self.openFiles - filesBefore
            print(
                "handshakes: \(grown.count * count / 8), \(grown.map { $0 >> 10 }) KiB more memory, \(files) more files"
            )
            #expect(grown.min()! * 8 < Self.bytesMax)
            #expect(files < 100)
        }

        private func handshake(_ client: TLSContext, _ server: TLSContext, _ numbers: inout SeededNumbers) throws {
            let fails = Bool.random(using: &numbers)
            // A handshake and what follows it is some 4,000 bytes.
            var left = fails ? Int.random(in: 0..<4_000, using: &numbers) : .max
            let kind = Int.random(in: 0..<4, using: &numbers)
            let service = fails && kind == 3 ? "billing" : "scheduler"
            let pair = try Pair(client: client, server: server, expecting: service)
            pair.split = { [unowned pair] buffer in
                defer { buffer.clear() }
                guard fails, buffer.readableBytes > left else {
                    left -= buffer.readableBytes
                    return buffer
                }
                var piece = buffer
                switch kind {
                case 0: piece = buffer.getSlice(at: buffer.readerIndex, length: left)!
                case 1:
                    let at = buffer.readerIndex + left
                    piece.setInteger(piece.getInteger(at: at, as: UInt8.self)! ^ 0x55, at: at)
                case 2: pair.client.pipeline.fireChannelInactive()
                default: break
                }
                left = .max
                return piece
            }
            try pair.connect()
            pair.client.writeAndFlush(ByteBuffer(string: "a request"), promise: nil)
            try pair.exchange()
            for channel in [pair.client, pair.server] where channel.isActive {
                channel.pipeline.fireChannelInactive()
                channel.close(mode: .all, promise: nil)
            }
            pair.loop.advanceTime(by: .seconds(10))
        }

        private static let bytesMax = 5 << 20

        private static var residentBytes: Int {
            let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
            return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
        }

        private static var openFiles: Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        }
    }
}
