public import CoreTypes

/// What a run is there to do; a run without a task is an import.
public struct RunTask: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Publish the set that a held run has staged.
        case release
        /// Make an earlier published set live again.
        case rollback
        /// Bring to its end what a run has left half done at a shop without staging.
        case finish

        /// Whether no switch, no parking and no freeze may keep it from running: it is there to make the shop whole.
        public var passesSwitches: Bool { self != .release }
    }

    public var kind: Kind
    /// The held run to release, the run whose published set is wanted back, or the one that was left half done.
    public var runID: RunID
    /// For a rollback: what the shop is to show, module by module.
    public var versions: [PublishedVersion]
    /// Whether what was left half done is to be taken back, because somebody had cancelled it; else it goes on the way it
    /// was going.
    public var takesBack: Bool?

    public init(kind: Kind, runID: RunID, versions: [PublishedVersion] = [], takesBack: Bool? = nil) {
        self.kind = kind
        self.runID = runID
        self.versions = versions
        self.takesBack = takesBack
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
