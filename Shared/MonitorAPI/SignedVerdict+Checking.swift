public import CoreTypes
import Foundation
import JSON
public import Keys
public import SchedulerAPI

/// Why a verdict does not let a set be published.
public enum VerdictError: Error, Sendable, Equatable {
    /// Signed by another key than the monitor's, or changed since.
    case notSigned
    /// Signed, but not a verdict this version understands.
    case notUnderstood
    /// About another run, claim, read or staged set.
    case notAboutThis
    case expired
    /// The verdict is neither complete nor not judged.
    case doesNotPermit(Verdict)
}

extension SignedVerdict {
    /// Checks the signature, then reads the body: nothing of an unsigned text is looked at.
    public func open(with key: VerifyingKey) throws(VerdictError) -> VerdictBody {
        guard keyID == key.id, let signature = Data(base64Encoded: signature),
            key.isValid(Array(signature), for: Array(body.utf8))
        else { throw .notSigned }
        guard let verdict = try? JSON.decode(VerdictBody.self, from: body) else { throw .notUnderstood }
        return verdict
    }
}

extension VerdictBody {
    /// Throws unless this verdict lets exactly this staged set be published now.
    public func checkPermission(
        toPublish stagedDigest: String, of runID: RunID, connectionID: ConnectionID, fencingToken: Int64,
        at now: Instant
    ) throws(VerdictError) {
        guard
            self.runID == runID, self.connectionID == connectionID, self.fencingToken == fencingToken,
            self.stagedDigest == stagedDigest
        else { throw .notAboutThis }
        guard verdict == .complete || verdict == .notJudged else { throw .doesNotPermit(verdict) }
        guard now < expiresAt else { throw .expired }
    }
}
