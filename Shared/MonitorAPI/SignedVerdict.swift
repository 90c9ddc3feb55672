public import CoreTypes
public import SchedulerAPI

/// What the monitor signs. `VerdictBody` as JSON text, and an Ed25519 signature over exactly those bytes.
public struct SignedVerdict: Codable, Sendable, Equatable {
    public var body: String
    /// Base64.
    public var signature: String
    public var keyID: String

    public init(body: String, signature: String, keyID: String) {
        self.body = body
        self.signature = signature
        self.keyID = keyID
    }
}

public struct VerdictBody: Codable, Sendable, Equatable {
    public var verdict: Verdict
    /// Catalogue key of what was found: `run_incomplete`, `run_changed_while_reading`, ….
    public var reason: String
    public var runID: RunID
    public var connectionID: ConnectionID
    public var fencingToken: Int64
    public var attempt: Int
    /// What may be published under this verdict: exactly the staged set with this digest.
    public var stagedDigest: String
    public var judgedAt: Instant
    /// The verdict cannot be used to publish later than this.
    public var expiresAt: Instant
    /// Catalogue keys.
    public var checksMade: [String]
    public var checksNotMade: [String]
    /// At which page reading went wrong; nil when it did not or cannot be said.
    public var faultyPage: Int?
    /// Catalogue keys of what the reader should know though it stopped nothing: `note_edited_while_reading`.
    public var notes: [String]

    public init(
        verdict: Verdict, reason: String, runID: RunID, connectionID: ConnectionID, fencingToken: Int64, attempt: Int,
        stagedDigest: String, judgedAt: Instant, expiresAt: Instant, checksMade: [String], checksNotMade: [String],
        faultyPage: Int?, notes: [String] = []
    ) {
        self.verdict = verdict
        self.reason = reason
        self.runID = runID
        self.connectionID = connectionID
        self.fencingToken = fencingToken
        self.attempt = attempt
        self.stagedDigest = stagedDigest
        self.judgedAt = judgedAt
        self.expiresAt = expiresAt
        self.checksMade = checksMade
        self.checksNotMade = checksNotMade
        self.faultyPage = faultyPage
        self.notes = notes
    }
}
