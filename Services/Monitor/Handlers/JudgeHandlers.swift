import CoreTypes
import Foundation
import Logging
import Keys
import MonitorAPI
import RPC
import ServiceRuntime

extension MonitorHandlers {
    func judgeImport(_ request: JudgeImport, _ context: CallContext) async throws -> JudgeImport.Response {
        try request.evidence.checkConsistency()
        let signed = try await database.judge(request.evidence, signer: signer, at: now, environment.crashPoints)
        environment.logger.info(
            "An import was judged.",
            metadata: [
                "run.id": "\(request.evidence.runID)", "connection.id": "\(request.evidence.connectionID)",
                "attempt": "\(request.evidence.attempt)", "trace.id": "\(context.traceparent?.traceID ?? "-")",
            ])
        return JudgeImport.Response(verdict: signed)
    }

    func fetchVerifyingKey(
        _ request: FetchVerifyingKey, _ context: CallContext
    ) async throws -> FetchVerifyingKey.Response {
        let key = signer.verifyingKey
        return FetchVerifyingKey.Response(
            keyID: key.id, publicKey: Data(key.rawRepresentation).base64EncodedString())
    }
}

extension ImportEvidence {
    /// Figures that contradict each other are a fault of the importer; judging them would give a verdict on nothing.
    ///
    /// - Throws: `invalidArgument` (`evidence_inconsistent`).
    func checkConsistency() throws {
        let figures = [rowsRead, distinctKeys, unreadableCount, duplicateKeyCount, missingCount, previousCount]
        let problems: [(isFound: Bool, words: String)] = [
            (attempt < 1, "attempt below 1"),
            (figures.contains { $0 < 0 }, "a negative figure"),
            (distinctKeys > rowsRead, "more keys than rows"),
            (duplicates.count > duplicateKeyCount, "more duplicates listed than counted"),
            (unreadable.count > unreadableCount, "more unreadable items listed than counted"),
            (missing.count > missingCount, "more missing items listed than counted"),
            (pages.count > pageCount, "more pages listed than counted"),
            (stagedDigest.isEmpty, "no digest of the staged set"),
        ]
        guard let problem = problems.first(where: \.isFound) else { return }
        throw ServiceError(
            .invalidArgument, reason: "evidence_inconsistent", arguments: ["problem": problem.words],
            references: ["run": "\(runID)"])
    }
}
