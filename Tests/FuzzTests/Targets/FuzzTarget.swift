/// The places where bytes from strangers come in, each as a function that takes any bytes.
///
/// libFuzzer calls them with what it makes up, the tests with the corpora: the same functions, written once.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// The frame decoder, against a plain one, however the bytes are cut.
    case frames
    /// A server's session: one frame of a client's.
    case requests
    /// What a client reads: one frame of a server's.
    case answers
    /// The Codable coder: values go through it unchanged.
    case coder
    /// A TLS server before the handshake is done.
    case tlsBefore = "tls-before"
    /// A TLS server after the handshake.
    case tlsAfter = "tls-after"
    /// The item scanner of the importer, however the bytes are cut, against the JSON scanner.
    case items
    /// Addresses, headers and bodies of mails.
    case mail

    /// - Throws: ``Finding`` when something that must always hold does not.
    func run(_ input: [UInt8]) throws {
        switch self {
        case .frames: try FrameTarget.run(input)
        case .requests: try RequestTarget.run(input)
        case .answers: try AnswerTarget.run(input)
        case .coder: try CoderTarget.run(input)
        case .tlsBefore: try TLSTarget.beforeHandshake(input)
        case .tlsAfter: try TLSTarget.afterHandshake(input)
        case .items: try ItemTarget.run(input)
        case .mail: try MailTarget.run(input)
        }
    }
}

/// Something that must always hold and does not.
struct Finding: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// - Throws: ``Finding`` with these words unless the condition holds.
func hold(_ condition: Bool, _ words: @autoclosure () -> String) throws {
    guard condition else { throw Finding(words()) }
}

/// Lengths of pieces from one byte of the input, so that a finding happens again.
struct Cuts {
    private var state: UInt32
    private let isSingle: Bool

    init(_ seed: UInt8) {
        state = UInt32(seed) &* 2_654_435_761 | 1
        isSingle = seed == 1
    }

    /// From 1 to `count`, short ones often.
    mutating func next(atMost count: Int) -> Int {
        state = state &* 1_664_525 &+ 1_013_904_223
        let longest = [1, 3, 7, 64, 1024, 70_000][Int(state >> 24) % 6]
        return isSingle ? 1 : min(count, 1 + Int(state >> 8) % longest)
    }

    /// The bytes in pieces, in order.
    mutating func pieces(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes
        while !rest.isEmpty {
            let length = next(atMost: rest.count)
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
