import CoreTypes
import Logging
import MonitorAPI
import RPC
import ServiceRuntime

extension MonitorHandlers {
    func approveImport(_ request: ApproveImport, _ context: CallContext) async throws -> ApproveImport.Response {
        try Self.check(reason: request.reason)
        let seconds = request.validSeconds ?? 4 * 3600
        guard (60...86_400).contains(seconds) else {
            throw ServiceError(
                .invalidArgument, reason: "number_out_of_range",
                arguments: ["field": "validSeconds", "minimum": "60", "maximum": "86400"])
        }
        let agreement = Agreement(
            runID: request.runID, holds: request.holds, by: try Self.approver(request, context),
            reason: request.reason, validity: .seconds(seconds))
        let response = try await database.approve(agreement, signer: signer, at: now, environment.crashPoints)
        environment.logger.notice(
            "A held import was approved.",
            metadata: ["run.id": "\(request.runID)", "by": "\(response.approval.by)"])
        return response
    }

    /// A person is named by certificate; only a service may name somebody it asks for.
    private static func approver(_ request: ApproveImport, _ context: CallContext) throws -> String {
        guard case .service = context.peer, let name = request.approvedBy else { return context.peer.label }
        guard (1...100).contains(name.count) else {
            throw ServiceError(
                .invalidArgument, reason: "text_length",
                arguments: ["field": "approvedBy", "minimum": "1", "maximum": "100"])
        }
        return name
    }

    func listShadowStops(_ request: ListShadowStops, _ context: CallContext) async throws -> ListShadowStops.Response {
        let limit = try Self.limit(request.limit, otherwise: 50)
        return ListShadowStops.Response(
            stops: try await database.shadowStops(of: request.connectionID, limit: limit, before: request.before))
    }
}
