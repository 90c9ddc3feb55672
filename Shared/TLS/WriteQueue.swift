import NIOCore

/// Plaintext on its way out, in order, with the promises of those who wrote it.
struct WriteQueue {
    private struct Write {
        var bytes: ByteBuffer
        var promise: EventLoopPromise<Void>?
    }

    /// The most plaintext one TLS record carries.
    static let recordBytesMax = 16 * 1024

    private var waiting = MarkedCircularBuffer<Write>(initialCapacity: 4)

    /// Whether something flushed waits.
    var hasFlushed: Bool { waiting.hasMark }

    /// Room worth having for the ciphertext of the next writes.
    var outputBytesExpected: Int {
        min((waiting.first?.bytes.readableBytes ?? 0) + 128, Self.recordBytesMax + 256)
    }

    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        waiting.append(Write(bytes: bytes, promise: promise))
    }

    mutating func mark() { waiting.mark() }

    /// Hands over the plaintext of one record: part of a long write, or several short ones together.
    ///
    /// - Parameters:
    ///   - done: gets the promises of the writes of which nothing is left.
    ///   - encrypt: says how many of the bytes it took.
    mutating func withNextRecord(
        _ done: inout FinishedWrites, _ encrypt: (UnsafeRawBufferPointer) throws(TLSError) -> Int
    ) throws(TLSError) {
        let isAlone = waiting.markedElementIndex == waiting.startIndex
        let length = waiting[waiting.startIndex].bytes.readableBytes
        guard length > 0 else { return popFirst(&done) }
        if isAlone || length >= Self.recordBytesMax {
            try encryptFirst(min(length, Self.recordBytesMax), encrypt)
            if waiting[waiting.startIndex].bytes.readableBytes == 0 { popFirst(&done) }
        } else {
            try encryptTogether(&done, encrypt)
        }
    }

    private mutating func encryptFirst(_ count: Int, _ encrypt: (UnsafeRawBufferPointer) throws(TLSError) -> Int)
        throws(TLSError)
    {
        let taken = try waiting[waiting.startIndex].bytes.withUnsafeReadableBytes { bytes throws(TLSError) in
            try encrypt(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
        }
        waiting[waiting.startIndex].bytes.moveReaderIndex(forwardBy: taken)
    }

    private mutating func encryptTogether(
        _ done: inout FinishedWrites, _ encrypt: (UnsafeRawBufferPointer) throws(TLSError) -> Int
    ) throws(TLSError) {
        var record = ByteBufferAllocator().buffer(capacity: Self.recordBytesMax)
        while waiting.hasMark, record.readableBytes < Self.recordBytesMax {
            let start = waiting.startIndex
            let count = min(waiting[start].bytes.readableBytes, Self.recordBytesMax - record.readableBytes)
            if var piece = waiting[start].bytes.readSlice(length: count) { record.writeBuffer(&piece) }
            if waiting[start].bytes.readableBytes == 0 { popFirst(&done) }
        }
        while record.readableBytes > 0 {
            let taken = try record.withUnsafeReadableBytes(encrypt)
            record.moveReaderIndex(forwardBy: taken)
        }
    }

    private mutating func popFirst(_ done: inout FinishedWrites) {
        if let promise = waiting.removeFirst().promise { done.promises.append(promise) }
    }

    mutating func failAll(_ error: any Error) {
        // Taken out first: a failed promise may call back in.
        var writes = MarkedCircularBuffer<Write>(initialCapacity: 0)
        swap(&writes, &waiting)
        for write in writes { write.promise?.fail(error) }
    }
}

/// Promises of the writes that one piece of ciphertext completes.
struct FinishedWrites {
    var promises: [EventLoopPromise<Void>] = []

    /// One promise for all of them; nil when nobody waits.
    func promise(on eventLoop: any EventLoop) -> EventLoopPromise<Void>? {
        guard promises.count > 1 else { return promises.first }
        let all = eventLoop.makePromise(of: Void.self)
        let promises = promises
        all.futureResult.whenComplete { result in
            for promise in promises { promise.completeWith(result) }
        }
        return all
    }

    func fail(_ error: any Error) {
        for promise in promises { promise.fail(error) }
    }
}
