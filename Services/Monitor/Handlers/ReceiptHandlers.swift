import CoreTypes
import MonitorAPI
import RPC
import ServiceRuntime

extension MonitorHandlers {
    func fetchReceipt(_ request: FetchReceipt, _ context: CallContext) async throws -> FetchReceipt.Response {
        guard let receipt = try await database.receipt(of: request.runID) else {
            throw ServiceError(.notFound, reason: "receipt_not_found", arguments: ["id": "\(request.runID)"])
        }
        return FetchReceipt.Response(receipt: receipt)
    }

    func listReceipts(_ request: ListReceipts, _ context: CallContext) async throws -> ListReceipts.Response {
        let limit = request.limit ?? 50
        guard (1...50).contains(limit) else {
            throw ServiceError(.invalidArgument, reason: "limit_out_of_range", arguments: ["from": "1", "to": "50"])
        }
        return ListReceipts.Response(
            receipts: try await database.receipts(
                of: request.connectionID, from: request.from, to: request.to, after: request.after, limit: limit))
    }
}
