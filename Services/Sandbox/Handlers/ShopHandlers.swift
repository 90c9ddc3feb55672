import CoreTypes
import Crypto
import RPC
import SandboxAPI

extension SandboxHandlers {
    func describeShop(_ request: DescribeShop, _ context: CallContext) async throws -> DescribeShop.Response {
        let shop = try webshop(request.system)
        let described = try await shop.describe()
        let lines = described.map { "\($0.dataset.schema.rawValue):\($0.digest)\n" }.joined()
        let datasets = described.map { entry in
            ShopDataset(
                name: entry.dataset.schema.rawValue, liveVersion: entry.dataset.liveVersion,
                previousVersion: entry.dataset.previousVersion, count: entry.dataset.count, digest: entry.digest,
                importID: entry.dataset.importID, committedAt: entry.dataset.committedAt)
        }
        let open = try await shop.openImports().map { session in
            ShopImport(
                id: session.id, dataset: session.dataset, stagedCount: session.stagedCount, runID: session.runID,
                fencingToken: session.fencingToken)
        }
        return DescribeShop.Response(
            datasets: datasets, digest: hexText(SHA256.hash(data: Array(lines.utf8))), openImports: open)
    }

    func listShopRows(_ request: ListShopRows, _ context: CallContext) async throws -> ListShopRows.Response {
        let shop = try webshop(request.system)
        guard let schema = ShopSchema(rawValue: request.dataset) else {
            throw invalid("dataset", "is one of \(ShopSchema.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let limit = try limit(request.limit, default: 20)
        let rows = try await shop.liveRows(schema, startingWith: request.startingWith ?? "", limit: limit)
        return ListShopRows.Response(rows: rows)
    }
}
