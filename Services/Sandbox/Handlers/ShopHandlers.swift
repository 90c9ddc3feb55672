import CoreTypes
import Crypto
import RPC
import SandboxAPI

extension SandboxHandlers {
    func describeShop(_ request: DescribeShop, _ context: CallContext) async throws -> DescribeShop.Response {
        let shop = try shop(request.system)
        let datasets = try await shop.describedDatasets()
        let lines = datasets.map { "\($0.name):\($0.digest)\n" }.joined()
        return DescribeShop.Response(
            datasets: datasets, digest: hexText(SHA256.hash(data: Array(lines.utf8))),
            openImports: try await shop.describedUploads())
    }

    func listShopRows(_ request: ListShopRows, _ context: CallContext) async throws -> ListShopRows.Response {
        let shop = try shop(request.system)
        guard let schema = ShopSchema(rawValue: request.dataset) else {
            throw invalid("dataset", "is one of \(ShopSchema.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let limit = try limit(request.limit, default: 20)
        let rows = try await shop.liveRows(schema, startingWith: request.startingWith ?? "", limit: limit)
        return ListShopRows.Response(rows: rows)
    }
}
