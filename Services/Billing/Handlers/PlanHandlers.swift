import BillingAPI
import CoreTypes
import GRDB
import Logging
import Persistence
import RPC
import ServiceRuntime

extension BillingHandlers {
    func describePlan(_ request: DescribePlan, _ context: CallContext) async throws -> DescribePlan.Response {
        let history = try await database.database.read { db in try PlanTable.history(of: request.merchantID, db) }
        guard let current = history.first else {
            throw ServiceError(
                .notFound, reason: "plan_not_found", arguments: ["id": "\(request.merchantID)"])
        }
        return DescribePlan.Response(plan: current.plan, history: history)
    }

    func setPlan(_ request: SetPlan, _ context: CallContext) async throws -> SetPlan.Response {
        try request.checkTerms()
        let change = PlanChange(
            plan: request.plan, validFrom: now, changedBy: context.peer.label, reason: request.reason)
        let validFrom = try await write(.setPlan) { db in
            if let known = try PlanTable.history(of: request.merchantID, db).first, known.plan == change.plan {
                return known.validFrom
            }
            try PlanTable.insert(change, of: request.merchantID, db)
            return change.validFrom
        }
        environment.logger.notice(
            "A plan was set.",
            metadata: [
                "merchant.id": "\(request.merchantID)", "plan": "\(request.plan.name)", "by": "\(change.changedBy)",
            ])
        return SetPlan.Response(validFrom: validFrom)
    }
}

extension SetPlan {
    /// - Throws: `invalidArgument` for terms that cannot be billed.
    func checkTerms() throws {
        guard (1...200).contains(reason.count) else {
            throw ServiceError(.invalidArgument, reason: "reason_required")
        }
        let problem: (field: String, words: String)? =
            switch plan {
            case _ where !(1...60).contains(plan.name.count): ("plan.name", "1-60")
            case _ where plan.fee.minorUnits < 0: ("plan.fee.minorUnits", ">= 0")
            case _ where !plan.fee.hasCurrencyCode: ("plan.fee.currency", "ISO 4217")
            default: nil
            }
        guard let problem else { return }
        throw ServiceError(
            .invalidArgument, reason: "invalid_argument",
            arguments: ["field": problem.field, "problem": problem.words])
    }
}

extension Money {
    var hasCurrencyCode: Bool {
        currency.utf8.count == 3 && currency.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
