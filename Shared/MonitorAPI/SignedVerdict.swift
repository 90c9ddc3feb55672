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
    /// Which version of the connection's policy was applied; 0 while nobody has set one.
    public var policyVersion: Int64?
    /// Why it waits for a person; nil or empty when it does not. `reason` is that of the first.
    public var holds: [Hold]?
    /// Set when the connection tolerates missing items, for a read that is complete or lacks items.
    public var tolerance: ToleranceUse?
    /// In shadow mode: what would have been stopped otherwise; nil when nothing would.
    public var shadow: ShadowFinding?
    /// Who agreed to publish it in spite of its holds.
    public var approval: Approval?
    /// Fields of the source that are otherwise than when the connection last published; nil when there are none.
    public var sourceChanges: [SourceFieldChange]?
    /// Shadow mode that is over, and of which nobody has been told; nil when there is none.
    public var shadowEnded: ShadowPeriod?

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

    /// Whether this verdict permits its set to be published, until it expires.
    public var permitsPublishing: Bool {
        guard holds?.isEmpty ?? true else { return approval != nil && verdict.canBeReleased }
        return verdict.publishesByItself
    }

    /// Whether the set is to be kept for a person to release. What neither may be published nor released is refused.
    public var isHeld: Bool {
        !permitsPublishing && verdict.canBeReleased && (verdict == .unverifiable || !(holds?.isEmpty ?? true))
    }

    /// What the catalogue's sentences about it are filled with, beside the run's own figures.
    public var textArguments: [String: String] {
        var arguments = holds?.first?.arguments ?? [:]
        if let tolerance {
            arguments["tolerance"] = "\(tolerance.allowed)"
            arguments["lacking"] = "\(tolerance.lacking)"
        }
        arguments["approvedBy"] = approval?.by
        return arguments
    }
}

extension Verdict {
    /// Whether a run with this verdict is published without anybody being asked, unless something holds it.
    public var publishesByItself: Bool { self == .complete || self == .notJudged }

    /// Whether a person may let go what is held under it. Of all others it is known that the set is wrong.
    public var canBeReleased: Bool { self == .complete || self == .unverifiable }
}

/// A person's agreement to publish a held set, for no more than what was shown and not for ever.
public struct Approval: Codable, Sendable, Equatable {
    /// The run that was held.
    public var runID: RunID
    /// As the audit names people: `operator anna`.
    public var by: String
    public var reason: String
    public var at: Instant
    public var expiresAt: Instant
    /// What was shown. More than this is held again.
    public var holds: [Hold]

    public init(runID: RunID, by: String, reason: String, at: Instant, expiresAt: Instant, holds: [Hold]) {
        self.runID = runID
        self.by = by
        self.reason = reason
        self.at = at
        self.expiresAt = expiresAt
        self.holds = holds
    }

    public static var example: Approval {
        Approval(
            runID: .example, by: "operator anna", reason: "The summer range really ended", at: .example,
            expiresAt: .example + .seconds(3600), holds: [.example])
    }
}
