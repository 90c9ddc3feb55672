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
        let signed = try await database.judge(request, signer: signer, at: now, environment.crashPoints)
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
        let receiptKey = receiptKey.verifyingKey
        return FetchVerifyingKey.Response(
            keyID: key.id, publicKey: Data(key.rawRepresentation).base64EncodedString(), receiptKeyID: receiptKey.id,
            receiptPublicKey: Data(receiptKey.rawRepresentation).base64EncodedString())
    }
}

extension ImportEvidence {
    /// Figures that contradict each other are a fault of the importer; judging them would give a verdict on nothing.
    ///
    /// - Throws: `invalidArgument` (`evidence_inconsistent`).
    func checkConsistency() throws {
        let figures = [rowsRead, distinctKeys, unreadableCount, duplicateKeyCount, missingCount, previousCount]
        let own: [(isFound: Bool, words: String)] = [
            (attempt < 1, "attempt below 1"),
            (figures.contains { $0 < 0 }, "a negative figure"),
            (distinctKeys > rowsRead, "more keys than rows"),
            (duplicates.count > duplicateKeyCount, "more duplicates listed than counted"),
            (unreadable.count > unreadableCount, "more unreadable items listed than counted"),
            (missing.count > missingCount, "more missing items listed than counted"),
            (pages.count > pageCount, "more pages listed than counted"),
            (stagedDigest.isEmpty, "no digest of the staged set"),
            (sourceChanges?.count ?? 0 > 100, "more than 100 changed fields"),
        ]
        guard let problem = (own + (content?.problems ?? [])).first(where: \.isFound) else { return }
        throw ServiceError(
            .invalidArgument, reason: "evidence_inconsistent", arguments: ["problem": problem.words],
            references: ["run": "\(runID)"])
    }
}

extension ContentEvidence {
    fileprivate var problems: [(isFound: Bool, words: String)] {
        let parts = [removed, emptied, unpriced].compactMap { $0 }
        let figures = parts + [compared, dropped, zeroPrices, currencyChanges?.count].compactMap { $0 }
        let currencies = currencyChanges ?? CurrencyChanges()
        let listMax = PolicyRules.mustHaveMax
        let isListTooLong = mustHave.map { $0.missing.count > listMax || $0.unpriced.count > listMax } ?? false
        return [
            (figures.contains { $0 < 0 }, "a negative figure of the content"),
            (parts.contains { $0 > dropped ?? .max }, "fewer items dropped than removed or emptied"),
            (parts.count == 3 && parts.reduce(0, +) < dropped ?? 0, "more items dropped than removed and emptied"),
            (dropped ?? 0 > compared ?? .max, "more items dropped than compared"),
            (priceChanges?.count ?? 0 > 50, "more than 50 price changes"),
            (currencies.first.count != min(20, currencies.count), "other changes of currency listed than counted"),
            (isListTooLong, "more must-have items than a list can have"),
        ]
    }
}
