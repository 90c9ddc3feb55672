import CoreTypes
import NIOCore
import RPC
import Synchronization
import TestSupport
import Testing

@testable import RPCTransport

extension Alone {
    /// Bad frames by the million through decoder and session: 50,000 in every run, 10 million with `--long`.
    @Suite(.serialized) struct BadFrameTests {
        @Test func `bad frames are each answered or end their connection, and memory stays flat`() throws {
            let count = LongProof.count(50_000, long: 10_000_000)
            var generator = BadFrames()
            var tally = Tally()
            // The first ones fill what is kept for good.
            for _ in 0..<5_000 { feed(generator.next(), &tally) }
            // What leaks grows in every part; what is kept for good, in some.
            var grown: [Int] = []
            for _ in 0..<8 {
                let before = ProcessFigures.residentBytes
                for _ in 0..<count / 8 { feed(generator.next(), &tally) }
                grown.append(ProcessFigures.residentBytes - before)
            }
            print("bad frames: \(count), \(tally), \(grown.map { $0 >> 10 }) KiB more memory")
            #expect(grown.min()! * 8 < 5 << 20)
            // Of every kind enough to prove anything.
            #expect(tally.ended > count / 20 && tally.refused > count / 4)
            #expect(tally.unanswered < count / 4)
        }

        private struct Tally {
            var ended = 0
            var refused = 0
            var answered = 0
            var unanswered = 0
        }

        private func feed(_ stream: ByteBuffer, _ tally: inout Tally) {
            let sent = SentFrames()
            let session = ServerSession(
                router: Self.router, peer: .service(name: "importer", instance: "1"), outlet: sent, executor: nil)
            defer { session.close() }
            var reader = FrameReader(frameBytesMax: 1 << 20)
            do throws(FrameFault) {
                try reader.read(stream) { bytes in
                    session.receive(bytes)
                    return true
                }
            } catch {
                tally.ended += 1
                return
            }
            let figures = sent.figures.withLock { $0 }
            if figures.refused > 0 { tally.refused += 1 }
            if figures.answered > 0 { tally.answered += 1 }
            if figures.refused + figures.answered == 0 { tally.unanswered += 1 }
        }

        private static let router = EchoState().makeRouter()
    }
}

/// Counts what a session sends.
private final class SentFrames: SessionOutlet {
    let figures = Mutex((answered: 0, refused: 0))

    func send(_ json: UnsafeRawBufferPointer) {
        // The answers of this test are short; an error is one by its third member.
        let isError = String(decoding: json.prefix(200), as: UTF8.self).contains(#""error":"#)
        figures.withLock { figures in
            if isError { figures.refused += 1 } else { figures.answered += 1 }
        }
    }

    func wantsFlush() {}
    func armTimer(at _: ContinuousClock.Instant) {}
    func becameIdle() {}
}

/// Good frames, damaged.
private struct BadFrames {
    private var state: UInt64 = 42

    private static let good = [
        #"{"jsonrpc":"2.0","id":7,"method":"echo.say","params":{"text":"hello"},"meta":{"deadlineMs":1000}}"#,
        #"[{"jsonrpc":"2.0","id":"a","method":"echo.say","params":{"text":"\u00e6"}},{"jsonrpc":"2.0","method":"x"}]"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo.restart","params":{}}"#,
        #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":3}}"#, #"{"jsonrpc":"2.0","id":9,"method":"rpc.ping"}"#,
    ].map { Array($0.utf8) }

    private mutating func number(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    mutating func next() -> ByteBuffer {
        var text = Self.good[number(below: Self.good.count)]
        for _ in 0...number(below: 3) {
            let position = number(below: max(1, text.count))
            switch number(below: 4) {
            case 0 where !text.isEmpty: text[position] = UInt8(number(below: 256))
            case 1 where !text.isEmpty: text.remove(at: position)
            case 2: text.insert(UInt8(number(below: 256)), at: position)
            default: text.removeLast(min(text.count, number(below: 20)))
            }
        }
        var length = UInt32(text.count)
        switch number(below: 12) {
        case 0: length = 0
        case 1: length = [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x0010_0001][number(below: 4)]
        case 2: length += UInt32(number(below: 8))
        default: break
        }
        var stream = ByteBuffer()
        stream.writeInteger(length)
        stream.writeBytes(text)
        return stream
    }
}
