import Synchronization

/// Keeps one writer for whoever writes next: nearly all texts of a connection are written one after another.
public final class SpareWriter: Sendable {
    /// Longer texts are rare; their memory is not kept for short ones.
    private static let bytesMax = 2048

    private let spare = Mutex<Unshared?>(nil)

    /// Handed from one user to the next under the lock, never used by two.
    private struct Unshared: @unchecked Sendable {
        let writer: JSONWriter
    }

    public init() {}

    /// - Returns: An empty writer that belongs to the caller.
    public func take() -> JSONWriter {
        let taken = spare.withLock { spare in
            defer { spare = nil }
            return spare
        }
        taken?.writer.removeAll()
        return taken?.writer ?? JSONWriter()
    }

    /// The caller uses the writer no longer.
    public func giveBack(_ writer: JSONWriter) {
        guard writer.count <= Self.bytesMax else { return }
        let unshared = Unshared(writer: writer)
        spare.withLock { $0 = unshared }
    }
}
