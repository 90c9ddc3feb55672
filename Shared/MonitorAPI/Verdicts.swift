public import CoreTypes
public import RPC
public import SchedulerAPI

/// Lists what was judged, the newest first.
public struct ListVerdicts: RPCRequest {
    public static let method: MethodName = "monitor.listVerdicts"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists judgements, the newest first, of all connections or of one."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// nil for all connections.
    public var connectionID: ConnectionID?
    /// 1 to 200; 50 when left out.
    public var limit: Int?
    /// Only those with a lower sequence, to read on.
    public var before: Int64?

    public init(connectionID: ConnectionID? = nil, limit: Int? = nil, before: Int64? = nil) {
        self.connectionID = connectionID
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var verdicts: [VerdictSummary]
        public init(verdicts: [VerdictSummary]) { self.verdicts = verdicts }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, limit: 20, before: 100),
            Response(
                verdicts: [
                    VerdictSummary(
                        sequence: 41, runID: .example, connectionID: .example, attempt: 1, verdict: .incomplete,
                        reason: "run_incomplete", judgedAt: .example, countBefore: 50_000, countAfter: 50_000,
                        rowsRead: 49_983, distinctKeys: 49_983, missingCount: 17)
                ])
        )
    }
}

/// One judgement in a list.
public struct VerdictSummary: Codable, Sendable, Equatable {
    /// Counts up with every judgement.
    public var sequence: Int64
    public var runID: RunID
    public var connectionID: ConnectionID
    public var attempt: Int
    public var verdict: Verdict
    /// Catalogue key.
    public var reason: String
    public var judgedAt: Instant
    public var countBefore: Int?
    public var countAfter: Int?
    public var rowsRead: Int
    public var distinctKeys: Int
    public var missingCount: Int
    /// What held it; nil or empty when nothing did.
    public var holds: [Hold.Kind]?

    public init(
        sequence: Int64, runID: RunID, connectionID: ConnectionID, attempt: Int, verdict: Verdict, reason: String,
        judgedAt: Instant, countBefore: Int?, countAfter: Int?, rowsRead: Int, distinctKeys: Int, missingCount: Int,
        holds: [Hold.Kind]? = nil
    ) {
        self.sequence = sequence
        self.runID = runID
        self.connectionID = connectionID
        self.attempt = attempt
        self.verdict = verdict
        self.reason = reason
        self.judgedAt = judgedAt
        self.countBefore = countBefore
        self.countAfter = countAfter
        self.rowsRead = rowsRead
        self.distinctKeys = distinctKeys
        self.missingCount = missingCount
        self.holds = holds
    }
}

/// Shows all that was seen while a run read, and what was made of it.
public struct DescribeEvidence: RPCRequest {
    public static let method: MethodName = "monitor.describeEvidence"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows the evidence of a run: counts, pages, checks, missing items, and its verdict."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var runID: RunID
    /// Which read of the run, from 1; the last one when left out.
    public var attempt: Int?

    public init(runID: RunID, attempt: Int? = nil) {
        self.runID = runID
        self.attempt = attempt
    }

    public struct Response: Codable, Sendable, Equatable {
        public var evidence: ImportEvidence
        public var verdict: VerdictBody
        /// As the importer received it, for checking the signature elsewhere.
        public var signed: SignedVerdict
        /// How many reads of the run were judged.
        public var attempts: Int
        /// Who agreed to publish it in spite of what holds it; the last to do so.
        public var approval: Approval?

        public init(
            evidence: ImportEvidence, verdict: VerdictBody, signed: SignedVerdict, attempts: Int,
            approval: Approval? = nil
        ) {
            self.evidence = evidence
            self.verdict = verdict
            self.signed = signed
            self.attempts = attempts
            self.approval = approval
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(runID: .example, attempt: 1),
            Response(evidence: .example, verdict: .example, signed: .example, attempts: 1)
        )
    }
}

/// The public keys that every verdict and every receipt can be checked with.
public struct FetchVerifyingKey: RPCRequest {
    public static let method: MethodName = "monitor.fetchVerifyingKey"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Returns the public keys that verdicts and receipts are signed for."
    public static let callers = Callers.operatorsAndServices("importer", "dashboard")

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public var keyID: String
        /// Ed25519 public key, base64.
        public var publicKey: String
        /// The key of the receipts; the same unless they were given one of their own.
        public var receiptKeyID: String?
        public var receiptPublicKey: String?

        public init(
            keyID: String, publicKey: String, receiptKeyID: String? = nil, receiptPublicKey: String? = nil
        ) {
            self.keyID = keyID
            self.publicKey = publicKey
            self.receiptKeyID = receiptKeyID
            self.receiptPublicKey = receiptPublicKey
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(), Response(keyID: "monitor-1", publicKey: "AAAA"))
    }
}

extension VerdictBody {
    public static var example: VerdictBody {
        VerdictBody(
            verdict: .complete, reason: "run_complete", runID: .example, connectionID: .example, fencingToken: 7,
            attempt: 1, stagedDigest: "00", judgedAt: .example, expiresAt: .example + .seconds(900),
            checksMade: ["check_count_before", "check_count_after", "check_distinct_keys"],
            checksNotMade: ["check_second_sweep"], faultyPage: nil, notes: [])
    }
}

extension SignedVerdict {
    public static var example: SignedVerdict { SignedVerdict(body: "{}", signature: "AAAA", keyID: "monitor-1") }
}
