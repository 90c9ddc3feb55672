public import CoreTypes
public import SchedulerAPI
public import Staging

/// One shop that items are published to.
///
/// Shops differ in how they are written to, and so every connector is one of two kinds: a ``StagedTarget`` or a
/// ``DirectTarget``. What a run has to ask both is here.
///
/// One value serves one run (or one probe). Methods throw ``SystemFault`` or CancellationError; passing faults have
/// been borne within the run's ``Patience``. A fault of class `superseded` means that a newer run is at work.
public protocol TargetConnector: Sendable {
    /// The merchant's name for the shop.
    var system: String { get }
    /// How the shop is written to.
    var way: PublishingWay { get }

    /// Tries reaching, the key, and each endpoint a run of these modules needs; stops at the first failure.
    func probe(_ modules: [Module]) async -> ProbeResult
    /// What is live now.
    func live(_ modules: [Module]) async throws -> [Module: LiveDataset]
    /// Keys and names of all live products, in pages.
    func listProducts(_ onPage: @Sendable ([ListedProduct]) async throws -> Void) async throws
    /// How the shop lists the keys of a dataset's live rows; nil when it has no such list.
    func keyListing(of module: Module) async throws -> KeyListing?
    /// One page of that list, as bytes for `KeyComparison`.
    ///
    /// - Parameter cursor: What the page before said; nil for the first page.
    func keyPage(_ listing: KeyListing, after cursor: String?) async throws -> [UInt8]
}

public enum PublishingWay: Sendable {
    /// Everything is sent first and made live together.
    case staged(any StagedTarget)
    /// Each row that is sent is live at once.
    case direct(any DirectTarget)
}

/// A shop that stages: a reader of the shop sees the whole old or the whole new data, never a mixture.
public protocol StagedTarget: TargetConnector {
    /// Aborts what earlier claims of this connection left open; this is the fence at the shop.
    ///
    /// - Throws: class `superseded` when a session of a higher token is open.
    func abortOlderSessions(_ run: PublishingRun) async throws
    /// Aborts every open session of this connection up to this run's own token, and leaves newer ones alone.
    ///
    /// - Returns: Whether there was a newer one.
    @discardableResult
    func abortSessions(upTo run: PublishingRun) async throws -> Bool
    /// Opens an upload. The same run asking again gets the same session.
    func open(_ plan: UploadPlan, for run: PublishingRun) async throws -> UploadSession
    /// Sends one batch; sending it again changes nothing.
    func send(_ batch: UploadBatch, to session: UploadSession) async throws
    /// Asks the shop what has arrived and throws unless it is exactly what was sent.
    func check(_ session: UploadSession, batches: Int) async throws
    /// Makes all uploads live together, or none. When the answer is lost, the shop is asked instead of told again.
    ///
    /// - Parameter check: Looked at right before each request is sent; throws when it must not be.
    /// - Throws: ``SystemFault`` when nothing was published, ``CommitInDoubt`` when that is not known; what `check` threw,
    ///   when nothing was asked for.
    func commit(
        _ sessions: [UploadSession], for run: PublishingRun, unless check: @Sendable () throws -> Void
    ) async throws -> [Module: LiveDataset]
    /// Makes earlier versions live again, all of them or none. Asking again changes nothing.
    ///
    /// - Parameters:
    ///   - live: What is believed to be live; the shop refuses when it is not.
    ///   - check: Looked at right before each request is sent; throws when it must not be.
    /// - Throws: As ``commit(_:for:unless:)``; class `shop` when the shop does not keep one of them any more.
    func rollBack(
        to versions: [PublishedVersion], from live: [Module: LiveDataset], for run: PublishingRun,
        unless check: @Sendable () throws -> Void
    ) async throws -> [Module: LiveDataset]
    /// What has become of an upload, for a run that resumes after a crash.
    func state(of sessionID: String) async throws -> UploadState
    /// Drops an upload that was not committed; dropping it again is no fault.
    func abort(_ sessionID: String, for run: PublishingRun, reason: String) async throws
}

extension StagedTarget {
    public var way: PublishingWay { .staged(self) }
}

/// Who publishes: every session carries it, so that the shop can refuse an older run.
public struct PublishingRun: Sendable, Equatable {
    public var connectionID: ConnectionID
    public var runID: RunID
    public var fencingToken: Int64
    /// When the source was counted; part of the idempotency of a session, so it must not change within a run.
    public var countedAt: Instant
    /// A person has agreed to what would be removed: the shop's own guard against shrinking need not ask again.
    public var isApproved = false

    public init(connectionID: ConnectionID, runID: RunID, fencingToken: Int64, countedAt: Instant) {
        self.connectionID = connectionID
        self.runID = runID
        self.fencingToken = fencingToken
        self.countedAt = countedAt
    }
}

public struct UploadPlan: Sendable, Equatable {
    public var module: Module
    public var mode: PublishMode
    /// Rows that will be sent.
    public var expectedCount: Int
    /// Rises when a run plans anew, from 1: then it wants sessions of its own, not those of the plan it gave up.
    public var round: Int

    public init(module: Module, mode: PublishMode, expectedCount: Int, round: Int = 1) {
        self.module = module
        self.mode = mode
        self.expectedCount = expectedCount
        self.round = round
    }
}

public struct UploadSession: Codable, Sendable, Equatable {
    public var id: String
    public var module: Module
    public var expectedCount: Int

    public init(id: String, module: Module, expectedCount: Int) {
        self.id = id
        self.module = module
        self.expectedCount = expectedCount
    }
}

public enum UploadState: Sendable, Equatable {
    case open
    case committing
    case committed
    /// Aborted, failed, expired, or not known to the shop.
    case gone
}

extension UploadState {
    /// What has become of uploads that are committed together. They are asked one after the other, so some may be seen
    /// before the commit and some after it: then it is under way.
    public init(together states: [UploadState]) {
        if states.allSatisfy({ $0 == .committed }) {
            self = .committed
        } else if states.contains(where: { $0 == .committed || $0 == .committing }) {
            self = .committing
        } else {
            self = states.allSatisfy { $0 == .open } ? .open : .gone
        }
    }
}

/// The commit was asked for, and the shop has not said what came of it. Neither success nor failure may be told until it
/// has: whoever gets this asks for the sessions' states later.
public struct CommitInDoubt: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong while asking.
    public var fault: SystemFault

    public init(_ fault: SystemFault) { self.fault = fault }

    public var description: String { "the commit is in doubt: \(fault)" }
}

/// A dataset as the shop shows it to its readers.
public struct LiveDataset: Codable, Sendable, Equatable {
    /// The shop's name of the live version; nil when nothing was ever committed. A shop without versions has a mark
    /// here that changes with what it shows, as far as it can tell.
    public var version: String?
    public var count: Int
    /// The upload that made it.
    public var sessionID: String?
    /// The version this one took the place of; nil when there was none, or the shop does not say.
    public var previousVersion: String?

    public init(version: String?, count: Int, sessionID: String? = nil, previousVersion: String? = nil) {
        self.version = version
        self.count = count
        self.sessionID = sessionID
        self.previousVersion = previousVersion
    }
}

/// How a shop lists the keys of one dataset; a connector makes it for itself.
public struct KeyListing: Sendable, Equatable {
    /// Path and query of the first page.
    var path: String

    init(path: String) { self.path = path }
}

public struct ListedProduct: Sendable, Equatable {
    public var key: String
    public var name: String

    public init(key: String, name: String) {
        self.key = key
        self.name = name
    }
}
