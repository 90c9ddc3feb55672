public import CoreTypes

/// What a run is there to do; a run without a task is an import.
public struct RunTask: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Publish the set that a held run has staged.
        case release
        /// Make an earlier published set live again.
        case rollback
    }

    public var kind: Kind
    /// The held run to release, or the run whose published set is wanted back.
    public var runID: RunID
    /// For a rollback: what the shop is to show, module by module.
    public var versions: [PublishedVersion]

    public init(kind: Kind, runID: RunID, versions: [PublishedVersion] = []) {
        self.kind = kind
        self.runID = runID
        self.versions = versions
    }
}

/// What the shop calls one published dataset.
public struct PublishedVersion: Codable, Sendable, Equatable {
    public var module: Module
    public var version: String
    /// Which run published it.
    public var runID: RunID

    public init(module: Module, version: String, runID: RunID) {
        self.module = module
        self.version = version
        self.runID = runID
    }
}
