public import CoreTypes
import Foundation
import JSON
public import Keys
public import MonitorAPI
public import SchedulerAPI

/// Turns a judgement into what the importer needs to publish: a text bound to run, claim and staged set, signed.
public struct VerdictSigner: Sendable {
    /// How long after judging a verdict may be used to publish: a bound on forgotten ones, longer than any upload takes.
    /// What it may be used for is bound by run, claim, attempt and staged set.
    public static let validity = Duration.seconds(6 * 3600)

    let key: SigningKey

    public init(key: SigningKey) { self.key = key }

    public var verifyingKey: VerifyingKey { key.verifyingKey }

    /// Signs what was found of `evidence`, with the approval that covers it and what is to be told of shadow mode, if any.
    public func sign(
        _ judgement: Judgement, of evidence: ImportEvidence, policyVersion: Int64, approval: Approval? = nil,
        shadowEnded: ShadowPeriod? = nil, at now: Instant
    ) throws -> (body: VerdictBody, signed: SignedVerdict) {
        var body = VerdictBody(
            verdict: judgement.verdict, reason: judgement.reason, runID: evidence.runID,
            connectionID: evidence.connectionID, fencingToken: evidence.fencingToken, attempt: evidence.attempt,
            stagedDigest: evidence.stagedDigest, judgedAt: now, expiresAt: now + Self.validity,
            checksMade: judgement.checksMade, checksNotMade: judgement.checksNotMade,
            faultyPage: judgement.faultyPage, notes: judgement.notes)
        body.policyVersion = policyVersion
        body.holds = judgement.holds.isEmpty ? nil : judgement.holds
        body.tolerance = judgement.tolerance
        body.shadow = judgement.shadow
        body.approval = approval
        body.sourceChanges = evidence.sourceChanges
        body.shadowEnded = shadowEnded
        if let approval { body.expiresAt = min(body.expiresAt, approval.expiresAt) }
        return (body, try sign(body))
    }

    public func sign(_ body: VerdictBody) throws -> SignedVerdict {
        let text = try JSON.encodeText(body)
        let signature = Data(key.sign(Array(text.utf8))).base64EncodedString()
        return SignedVerdict(body: text, signature: signature, keyID: key.id)
    }
}
