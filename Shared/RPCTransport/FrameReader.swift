import NIOCore

/// Cuts a byte stream into frames: four bytes of length, most significant first, then that many bytes of JSON.
///
/// Frames are handed over where they lie. Only what is cut off at the end of a read is kept, and of a frame that is too
/// long nothing: its length is refused before memory is taken for it.
struct FrameReader {
    static let prefixBytes = 4

    let frameBytesMax: Int
    /// The beginning of a frame whose end has not come yet.
    private var partial = ByteBuffer()

    init(frameBytesMax: Int) { self.frameBytesMax = frameBytesMax }

    /// Whether the stream stands in the middle of a frame.
    var isInsideFrame: Bool { partial.readableBytes > 0 }

    /// Hands every whole frame to `body`, in order, as long as it wants more.
    ///
    /// - Parameter body: Gets a frame's text, valid only inside; returns whether to go on.
    /// - Throws: ``FrameFault`` for a length that cannot be; the stream is of no use then.
    mutating func read(_ input: ByteBuffer, _ body: (UnsafeRawBufferPointer) -> Bool) throws(FrameFault) {
        if partial.readableBytes == 0 {
            var input = input
            try cut(&input, body)
            if input.readableBytes > 0 {
                // Copied, so that a few bytes do not keep a whole read alive.
                // The length is only a promise: memory follows what has come.
                partial = ByteBufferAllocator().buffer(capacity: min(wanted(input), 16 * 1024))
                partial.writeBuffer(&input)
            }
        } else {
            var input = input
            // First only what completes the frame begun, so that the rest is read where it lies.
            while partial.readableBytes > 0, input.readableBytes > 0 {
                let missing = max(wanted(partial) - partial.readableBytes, 1)
                var piece = input.readSlice(length: min(missing, input.readableBytes))!
                partial.writeBuffer(&piece)
                try cut(&partial, body)
                if partial.readableBytes == 0 { partial = ByteBuffer() }
            }
            if input.readableBytes > 0 { try read(input, body) }
        }
    }

    /// How many bytes the frame at the beginning of `buffer` has, prefix included; the prefix alone until it is there.
    private func wanted(_ buffer: ByteBuffer) -> Int {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return Self.prefixBytes }
        return Self.prefixBytes + Int(length)
    }

    private func cut(_ buffer: inout ByteBuffer, _ body: (UnsafeRawBufferPointer) -> Bool) throws(FrameFault) {
        var fault: FrameFault?
        let used = buffer.withUnsafeReadableBytes { bytes in
            var position = 0
            while bytes.count - position >= Self.prefixBytes {
                let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                guard length > 0, length <= frameBytesMax else {
                    fault = length == 0 ? .empty : .tooLong(bytes: length, bytesMax: frameBytesMax)
                    return bytes.count
                }
                let start = position + Self.prefixBytes
                guard bytes.count - start >= length else { break }
                position = start + length
                guard body(UnsafeRawBufferPointer(rebasing: bytes[start..<position])) else { return bytes.count }
            }
            return position
        }
        if let fault { throw fault }
        buffer.moveReaderIndex(forwardBy: used)
    }
}

/// A length prefix that no peer who speaks the protocol sends.
enum FrameFault: Error, Equatable {
    case empty
    case tooLong(bytes: Int, bytesMax: Int)
}
