import NIOCore
import Testing

@testable import RPCTransport

@Suite struct FrameReaderTests {
    @Test func `frames are found however the bytes are cut`() throws {
        let texts = ["{}", "[1,2,3]", String(repeating: "a", count: 300), "x"]
        var stream = ByteBuffer()
        for text in texts { stream.writeFrame(text) }
        for size in 1...stream.readableBytes {
            var reader = FrameReader(frameBytesMax: 300)
            var input = stream
            var found: [String] = []
            while input.readableBytes > 0 {
                try reader.read(input.readSlice(length: min(size, input.readableBytes))!) { bytes in
                    found.append(String(decoding: bytes, as: UTF8.self))
                    return true
                }
            }
            #expect(found == texts)
            #expect(!reader.isInsideFrame)
        }
    }

    @Test func `a frame may be as long as the limit and not one byte longer`() throws {
        var reader = FrameReader(frameBytesMax: 10)
        var longest = ByteBuffer()
        longest.writeFrame("0123456789")
        var count = 0
        try reader.read(longest) { _ in
            count += 1
            return true
        }
        #expect(count == 1)
        #expect(throws: FrameFault.tooLong(bytes: 11, bytesMax: 10)) {
            try reader.read(ByteBuffer(bytes: [0, 0, 0, 11])) { _ in true }
        }
    }

    @Test(arguments: [0x7fff_ffff, 0xffff_ffff, 0x4745_5420] as [UInt32])
    func `an absurd length is refused at its prefix, also when that comes byte by byte`(length: UInt32) {
        var reader = FrameReader(frameBytesMax: 1 << 20)
        #expect(throws: FrameFault.tooLong(bytes: Int(length), bytesMax: 1 << 20)) {
            for shift in [24, 16, 8, 0] {
                try reader.read(ByteBuffer(bytes: [UInt8(truncatingIfNeeded: length >> shift)])) { _ in true }
            }
        }
    }

    @Test func `a frame of no bytes is refused, after those before it`() {
        var reader = FrameReader(frameBytesMax: 100)
        var stream = ByteBuffer()
        stream.writeFrame("good")
        stream.writeInteger(UInt32(0))
        var found: [String] = []
        #expect(throws: FrameFault.empty) {
            try reader.read(stream) { bytes in
                found.append(String(decoding: bytes, as: UTF8.self))
                return true
            }
        }
        #expect(found == ["good"])
    }

    @Test func `a frame cut off is kept, and not more than it`() throws {
        var reader = FrameReader(frameBytesMax: 1 << 20)
        try reader.read(ByteBuffer(bytes: [0, 0x0f, 0xff, 0xff, 1])) { _ in true }
        #expect(reader.isInsideFrame)
    }

    @Test func `who wants no more gets no more`() throws {
        var reader = FrameReader(frameBytesMax: 100)
        var stream = ByteBuffer()
        for text in ["one", "two", "three"] { stream.writeFrame(text) }
        var count = 0
        try reader.read(stream) { _ in
            count += 1
            return count < 2
        }
        #expect(count == 2)
    }
}

extension ByteBuffer {
    mutating func writeFrame(_ text: String) {
        writeInteger(UInt32(text.utf8.count))
        writeString(text)
    }
}
