import CoreTypes
import Logging
import MonitorAPI
import RPC
import ServiceRuntime

extension MonitorHandlers {
    func setMonitoring(_ request: SetMonitoring, _ context: CallContext) async throws -> SetMonitoring.Response {
        guard (1...200).contains(request.reason.count) else {
            throw ServiceError(.invalidArgument, reason: "reason_required")
        }
        let policy = try await database.setMonitoring(
            request.on, of: request.connectionID, by: context.peer.label, because: request.reason, at: now,
            environment.crashPoints)
        environment.logger.notice(
            "Monitoring was switched.",
            metadata: [
                "connection.id": "\(request.connectionID)", "on": "\(request.on)", "by": "\(context.peer.label)",
            ])
        return SetMonitoring.Response(policy: policy)
    }

    func describePolicy(_ request: DescribePolicy, _ context: CallContext) async throws -> DescribePolicy.Response {
        DescribePolicy.Response(policy: try await database.policy(of: request.connectionID))
    }
}
