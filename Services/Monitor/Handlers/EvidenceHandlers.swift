import CoreTypes
import MonitorAPI
import RPC
import ServiceRuntime

extension MonitorHandlers {
    func listVerdicts(_ request: ListVerdicts, _ context: CallContext) async throws -> ListVerdicts.Response {
        let limit = try Self.limit(request.limit, otherwise: 50)
        return ListVerdicts.Response(
            verdicts: try await database.verdicts(of: request.connectionID, limit: limit, before: request.before))
    }

    func describeEvidence(
        _ request: DescribeEvidence, _ context: CallContext
    ) async throws -> DescribeEvidence.Response {
        guard let found = try await database.evidence(of: request.runID, attempt: request.attempt) else {
            throw ServiceError(.notFound, reason: "evidence_not_found", arguments: ["id": "\(request.runID)"])
        }
        return found
    }
}
