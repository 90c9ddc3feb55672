public import SchedulerAPI

/// How rows travel to the shop.
public enum PublishMode: String, Sendable, CaseIterable {
    /// All rows; the shop removes what is not among them.
    case full
    /// Created and changed rows, and a note for each removed one.
    case delta
}

/// How the rows of one dataset differ from what the shop has. A row is a product, a price or a stock figure.
public struct DatasetDifference: Sendable, Equatable {
    public internal(set) var created: Int
    public internal(set) var updated: Int
    public internal(set) var removed: Int
    public internal(set) var unchanged: Int
    /// Rows of the staged set: what is live after the commit.
    public internal(set) var total: Int

    static let zero = DatasetDifference(created: 0, updated: 0, removed: 0, unchanged: 0, total: 0)

    /// Rows that travel: what an import session is told to expect.
    public func uploadCount(_ mode: PublishMode) -> Int {
        mode == .full ? total : created + updated + removed
    }
}

/// What has to be done at the shop so that it has exactly the staged set.
///
/// Reads from the staging file and the published set; valid until the next difference or ``close()``.
public final class Difference {
    public let modules: [Module]
    let published: PublishedSet
    let staged: StagingFile
    private let counts: [Module: DatasetDifference]
    private let number: Int

    init(
        _ published: PublishedSet, _ staged: StagingFile, _ modules: [Module], _ counts: [Module: DatasetDifference]
    ) {
        (self.published, self.staged, self.modules, self.counts) = (published, staged, modules, counts)
        number = published.prepared
    }

    /// The figures of a module of the run.
    public subscript(module: Module) -> DatasetDifference {
        counts[module] ?? .zero
    }

    /// Whether the temporary tables still hold this difference.
    var isValid: Bool { published.prepared == number }

    /// Whether the shop has it all already.
    public var isEmpty: Bool { counts.values.allSatisfy { $0.uploadCount(.delta) == 0 } }

    /// The rows of a module, ready to send. Asked again, they come again in the same chunks with the same bytes.
    public func batches(of module: Module, mode: PublishMode) throws(StagingError) -> UploadBatches {
        guard modules.contains(module) else { throw .otherMapping }
        guard isValid else { throw .notSealed }
        return try UploadBatches(self, module, mode)
    }

    /// Lets go of the staging file; batches are no longer valid.
    public func close() {
        if isValid { try? published.detach() }
    }
}
