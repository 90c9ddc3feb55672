public import CoreTypes
public import RPC

/// Brings back what the shop showed after an earlier run, all modules at once, and freezes the connection, so that the
/// next import does not undo it.
public struct RollBack: RPCRequest {
    public static let method: MethodName = "scheduler.rollBack"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary = "Makes an earlier published set live again, with a reason; publishing is frozen."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// A run from the list of published sets; nil for the newest before the current one that the shop showed as it was
    /// published.
    public var toRunID: RunID?
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(connectionID: ConnectionID, toRunID: RunID? = nil, reason: String) {
        self.connectionID = connectionID
        self.toRunID = toRunID
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        /// The run that rolls back.
        public var runID: RunID
        /// Whose set comes back.
        public var toRunID: RunID

        public init(runID: RunID, toRunID: RunID) {
            self.runID = runID
            self.toRunID = toRunID
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, reason: "The new prices lack VAT"),
            Response(runID: .example, toRunID: .example)
        )
    }
}

/// Lists what the shop showed after each of the last runs that changed it.
public struct ListPublishedSets: RPCRequest {
    public static let method: MethodName = "scheduler.listPublishedSets"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Lists the published sets of a connection that a rollback can go to, newest first."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID

    public init(connectionID: ConnectionID) { self.connectionID = connectionID }

    public struct Response: Codable, Sendable, Equatable {
        public var sets: [PublishedSetSummary]
        public init(sets: [PublishedSetSummary]) { self.sets = sets }
    }

    public static var example: (request: Self, response: Response) {
        (Self(connectionID: .example), Response(sets: [.example]))
    }
}

extension SystemKind {
    /// Whether the shop itself keeps earlier versions of what was published; else only the importer that pushed them can
    /// bring them back.
    public var keepsVersions: Bool { self == .genericWebshop }
}

/// What the shop showed after one run.
public struct PublishedSetSummary: Codable, Sendable, Equatable {
    public var runID: RunID
    public var publishedAt: Instant
    /// One for each module the shop has from this connection.
    public var versions: [PublishedVersion]
    /// Whether it is what was made live last, so what the shop shows.
    public var isCurrent: Bool
    /// The source as it was at this time is what the set holds; of the current set when that was last confirmed. nil for
    /// sets of earlier versions.
    public var asOf: Instant?
    /// True where the shop, read back afterwards, showed something else than was published: it is live or was, and is not
    /// what was meant. Left out else.
    public var differs: Bool?

    public init(
        runID: RunID, publishedAt: Instant, versions: [PublishedVersion], isCurrent: Bool, asOf: Instant? = nil,
        differs: Bool? = nil
    ) {
        self.differs = differs
        self.asOf = asOf
        self.runID = runID
        self.publishedAt = publishedAt
        self.versions = versions
        self.isCurrent = isCurrent
    }

    public static var example: PublishedSetSummary {
        PublishedSetSummary(
            runID: .example, publishedAt: .example,
            versions: [PublishedVersion(module: .prices, version: "v7", runID: .example)], isCurrent: true)
    }
}
