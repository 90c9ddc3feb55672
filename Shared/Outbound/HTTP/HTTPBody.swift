/// The body of an answer, read once, in pieces as they come.
///
/// While more than 256 KiB wait for the reader the transfer is paused, so a slow reader costs the server, not our
/// memory. When a body is dropped, up to 64 KiB of rest are read away, to keep the connection; more ends the transfer.
public struct HTTPBody: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = OutboundError

    private enum Source {
        case transfer(TransferOwner)
        case bytes([UInt8])
    }

    private let source: Source

    init(_ transfer: HTTPTransfer) { source = .transfer(TransferOwner(transfer)) }

    private init(_ source: Source) { self.source = source }

    /// A body that is already here, for stand-ins of a client.
    public static func bytes(_ bytes: [UInt8]) -> HTTPBody { HTTPBody(.bytes(bytes)) }

    public func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .transfer(let owner): AsyncIterator(owner: owner)
        case .bytes(let bytes): AsyncIterator(rest: bytes)
        }
    }

    /// Reads to the end.
    ///
    /// - Throws: `tooLarge` when there are more than `maxBytes`, and whatever ends the transfer early.
    public func collect(upTo maxBytes: Int) async throws(OutboundError) -> [UInt8] {
        var iterator = makeAsyncIterator()
        guard var all = try await iterator.next() else { return [] }
        while let chunk = try await iterator.next() {
            guard all.count + chunk.count <= maxBytes else { throw .tooLarge(limit: maxBytes) }
            all += chunk
        }
        guard all.count <= maxBytes else { throw .tooLarge(limit: maxBytes) }
        return all
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var owner: TransferOwner?
        fileprivate var rest: [UInt8] = []

        /// Never empty; nil at the end.
        public mutating func next() async throws(OutboundError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(OutboundError) -> [UInt8]? {
            if let owner { return try await owner.transfer.nextChunk() }
            defer { rest = [] }
            return rest.isEmpty ? nil : rest
        }
    }
}

/// Ends the transfer when nobody can read its body any more.
private final class TransferOwner: Sendable {
    let transfer: HTTPTransfer

    init(_ transfer: HTTPTransfer) { self.transfer = transfer }

    deinit { transfer.abandon() }
}
