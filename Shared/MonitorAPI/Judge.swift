public import CoreTypes
public import RPC
import SchedulerAPI

/// The importer's figures of one read, for the monitor to judge.
///
/// The same evidence sent again gets the same verdict. Other evidence for the same read is refused
/// (`evidence_differs`), and so is evidence of a claim that a newer one has replaced (`run_superseded`).
public struct JudgeImport: RPCRequest {
    public static let method: MethodName = "monitor.judgeImport"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .aborted, .failedPrecondition]
    public static let summary = "Judges whether an import is complete; without its signed verdict nothing is published."
    public static let callers = Callers.services("importer")

    public var evidence: ImportEvidence
    /// The held run whose set this run publishes: then the evidence is that run's, under this run's id and claim and with
    /// `content` looked at afresh, and an approval of that run counts. nil for an import.
    public var releases: RunID?

    public init(evidence: ImportEvidence, releases: RunID? = nil) {
        self.evidence = evidence
        self.releases = releases
    }

    public struct Response: Codable, Sendable, Equatable {
        public var verdict: SignedVerdict
        public init(verdict: SignedVerdict) { self.verdict = verdict }
    }

    public static var example: (request: Self, response: Response) {
        (Self(evidence: .example), Response(verdict: SignedVerdict(body: "{}", signature: "AAAA", keyID: "monitor-1")))
    }
}
