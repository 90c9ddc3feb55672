import NIOCore

@testable import RPCTransport

/// First byte: how the rest is cut.
enum FrameTarget {
    private static let frameBytesMax = 300

    private struct Outcome: Equatable {
        var frames: [[UInt8]] = []
        var fault: FrameFault?
        var isInsideFrame = false
    }

    static func run(_ input: [UInt8]) throws {
        guard let seed = input.first else { return }
        let stream = input.dropFirst()
        let expected = reference(stream)
        var cuts = Cuts(seed)
        for pieces in [[stream], cuts.pieces(of: stream)] {
            let outcome = read(pieces)
            try hold(outcome == expected, "read \(outcome), expected \(expected)")
        }
    }

    private static func read(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var reader = FrameReader(frameBytesMax: frameBytesMax)
        var outcome = Outcome()
        for piece in pieces {
            do throws(FrameFault) {
                try reader.read(ByteBuffer(bytes: piece)) { bytes in
                    outcome.frames.append(Array(bytes))
                    return true
                }
            } catch {
                outcome.fault = error
                return outcome
            }
        }
        outcome.isInsideFrame = reader.isInsideFrame
        return outcome
    }

    /// The protocol's sentence, word by word: four bytes of length, then so many bytes, until a length cannot be.
    private static func reference(_ stream: ArraySlice<UInt8>) -> Outcome {
        var outcome = Outcome()
        var rest = stream
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            if length == 0 { outcome.fault = .empty }
            if length > frameBytesMax { outcome.fault = .tooLong(bytes: length, bytesMax: frameBytesMax) }
            guard outcome.fault == nil else { return outcome }
            guard rest.count >= 4 + length else { break }
            outcome.frames.append(Array(rest.dropFirst(4).prefix(length)))
            rest = rest.dropFirst(4 + length)
        }
        outcome.isInsideFrame = !rest.isEmpty
        return outcome
    }
}
