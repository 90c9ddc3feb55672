import CoreTypes
import FoundationEssentials
import JSON
import Keys
import MonitorAPI
import SchedulerAPI

/// Why a verdict is no leave to publish.
enum VerdictFault: Error, Equatable {
    case unknownKey(String)
    case signature
    case unreadable
    /// It speaks of another run, claim, reading or staged set; the word says which.
    case other(String)
    case expired
}

/// Checks a signed verdict against the evidence it answers. Nothing is sent to a shop before this has passed.
struct VerdictCheck: Sendable {
    /// The monitor's public keys by their ids; two while keys are being changed.
    let keys: [String: VerifyingKey]
    let wallClock: WallClock

    init(keys: [VerifyingKey], wallClock: WallClock) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.wallClock = wallClock
    }

    func open(_ signed: SignedVerdict, for evidence: ImportEvidence) throws(VerdictFault) -> VerdictBody {
        guard let key = keys[signed.keyID] else { throw .unknownKey(signed.keyID) }
        let bytes = Array(signed.body.utf8)
        guard let signature = Data(base64Encoded: signed.signature), key.isValid(Array(signature), for: bytes) else {
            throw .signature
        }
        guard let body = try? JSON.decode(VerdictBody.self, from: bytes) else { throw .unreadable }
        guard body.runID == evidence.runID else { throw .other("run") }
        guard body.connectionID == evidence.connectionID else { throw .other("connection") }
        guard body.fencingToken == evidence.fencingToken else { throw .other("claim") }
        guard body.attempt == evidence.attempt else { throw .other("reading") }
        guard body.stagedDigest == evidence.stagedDigest else { throw .other("staged set") }
        try checkExpiry(of: body)
        return body
    }

    /// Asked again right before the commit: an upload may take longer than a verdict holds.
    func checkExpiry(of verdict: VerdictBody) throws(VerdictFault) {
        guard wallClock.now() < verdict.expiresAt else { throw .expired }
    }
}
