import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

/// Everything a pipeline can do to a handler, in random order: 2,000 sequences in every run, 100,000 with `--long`.
///
/// What must hold: each promise completes exactly once, the bytes that arrive are a beginning of those that were written,
/// nothing is delivered after the end, and one fault is told once.
@Suite struct ModelTests {
    @Test func `in whatever order things happen, promises, bytes and ends keep their rules`() throws {
        let parties = try TestParties.shared.get()
        let client = try TLSContext(parties.client.mutual)
        let server = try TLSContext(parties.server.mutual)
        for seed in 0..<UInt64(LongProof.count(2_000, long: 100_000)) {
            let run = try ModelRun(Pair(client: client, server: server), seed)
            try run.perform()
            try run.check()
        }
    }
}

/// One sequence.
private final class ModelRun {
    private let pair: Pair
    private let seed: UInt64
    private var numbers: SeededNumbers
    private let client: ModelEnd
    private let server: ModelEnd

    init(_ pair: Pair, _ seed: UInt64) throws {
        self.pair = pair
        self.seed = seed
        var numbers = SeededNumbers(seed: seed)
        client = ModelEnd(pair.client, pair.atClient, &numbers)
        server = ModelEnd(pair.server, pair.atServer, &numbers)
        self.numbers = numbers
        let longest = [1, 50, 2_000, 70_000].randomElement(using: &numbers)!
        var cuts = SeededNumbers(seed: seed &+ 1)
        pair.split = { buffer in
            buffer.readSlice(length: min(buffer.readableBytes, .random(in: 1...longest, using: &cuts)))!
        }
    }

    func perform() throws {
        for end in [client, server] {
            try end.channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        }
        for _ in 0..<Int.random(in: 1...40, using: &numbers) {
            let end = Bool.random(using: &numbers) ? client : server
            switch Int.random(in: 0..<24, using: &numbers) {
            case 0...4: end.write(&numbers)
            case 5...6: end.channel.flush()
            case 7...11: try pair.carry(from: client.channel, to: server.channel)
            case 12...16: try pair.carry(from: server.channel, to: client.channel)
            case 17: end.channel.read()
            case 18: end.setWritable(Bool.random(using: &numbers))
            case 19: end.closeOnce(.all)
            case 20: end.closeOnce(.output)
            case 21 where Int.random(in: 0..<4, using: &numbers) == 0: end.endOfInput()
            case 22...23: pair.loop.advanceTime(by: .seconds(1))
            default: break
            }
        }
        for end in [client, server] {
            end.setWritable(true)
            end.closeOnce(.all)
        }
        try pair.exchange()
        pair.loop.advanceTime(by: .seconds(10))
        try pair.exchange()
    }

    func check() throws {
        for (end, other) in [(client, server), (server, client)] {
            try #require(end.unfinished.isEmpty, "seed \(seed): promises \(end.unfinished) never complete")
            try #require(end.completed == end.completed.sorted(), "seed \(seed): promises complete out of order")
            try #require(!end.channel.isActive, "seed \(seed): still open")
            try #require(end.recorder.errors.count <= 1, "seed \(seed): \(end.recorder.errors)")
            try #require(!end.isLateTold, "seed \(seed): something was delivered after the end")
            let received = end.recorder.received
            let expected = other.written.getSlice(at: 0, length: min(received.readableBytes, other.written.writerIndex))
            try #require(received == expected, "seed \(seed): other bytes than were written")
        }
    }
}

/// One end, with what was asked of it.
private final class ModelEnd {
    let channel: EmbeddedChannel
    let recorder: Recorder
    private(set) var written = ByteBuffer()
    private(set) var completed: [Int] = []
    private var promised: Set<Int> = []
    private(set) var isLateTold = false
    private var writes = 0

    private static let pattern = ByteBuffer(bytes: (0..<80_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) })

    init(_ channel: EmbeddedChannel, _ recorder: Recorder, _ numbers: inout SeededNumbers) {
        self.channel = channel
        self.recorder = recorder
        let reactions = (0..<4).map { _ in Int.random(in: 0..<8, using: &numbers) }
        recorder.onRead = { [unowned self] context, _ in
            if self.recorder.isInactive { isLateTold = true }
            react(reactions[0], context)
        }
        recorder.onHandshake = { [unowned self] in react(reactions[1], $0) }
        recorder.onActive = { [unowned self] in react(reactions[2], $0) }
        recorder.onError = { [unowned self] in react(reactions[3], $0) }
    }

    var unfinished: [Int] { promised.subtracting(completed).sorted() }

    /// Done from within an event, where it is most likely to be forgotten.
    private func react(_ kind: Int, _ context: ChannelHandlerContext) {
        switch kind {
        case 0: write(length: 3) { context.writeAndFlush(NIOAny($0), promise: $1) }
        case 1: write(length: 70_000) { context.write(NIOAny($0), promise: $1) }
        case 2: context.close(promise: nil)
        case 3: context.flush()
        case 4: context.read()
        default: break
        }
    }

    func write(_ numbers: inout SeededNumbers) {
        let isFlushed = Bool.random(using: &numbers)
        let length = [0, 1, 100, 16_384, 20_000].randomElement(using: &numbers)!
        write(length: length) { buffer, promise in
            if isFlushed {
                self.channel.writeAndFlush(buffer, promise: promise)
            } else {
                self.channel.write(buffer, promise: promise)
            }
        }
    }

    private func write(length: Int, _ body: (ByteBuffer, EventLoopPromise<Void>) -> Void) {
        guard writes < 60 else { return }
        let number = writes
        writes += 1
        promised.insert(number)
        // Each write begins elsewhere in the pattern, so that a write too many or too few shows.
        let bytes = Self.pattern.getSlice(at: number * 13, length: length)!
        written.writeImmutableBuffer(bytes)
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in completed.append(number) }
        body(bytes, promise)
    }

    func setWritable(_ isWritable: Bool) {
        guard channel.isWritable != isWritable else { return }
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    func closeOnce(_ mode: CloseMode) { channel.close(mode: mode, promise: nil) }

    func endOfInput() {
        guard channel.isActive else { return }
        channel.pipeline.fireChannelInactive()
        channel.close(mode: .all, promise: nil)
    }
}
