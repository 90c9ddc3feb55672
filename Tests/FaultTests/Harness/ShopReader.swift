import CoreTypes
import Foundation
import JSON
import Outbound
import TestInstallation
import TestSupport

/// What a shop sells at one moment, by count and digest of each data set.
struct ShopState: Sendable, Hashable {
    struct Dataset: Sendable, Hashable {
        var count: Int
        var digest: String
    }

    static let names = ["products", "prices", "stock"]

    var datasets: [String: Dataset]
    var total: Int { datasets.values.reduce(0) { $0 + $1.count } }
}

/// All rows of a shop, read page by page, with nothing taken from the shop's word.
struct WholeShop: Sendable, Equatable {
    var state: ShopState
    /// Product code → amount in the price list `retail`.
    var retail: [String: String]
    /// Product code → counted stock.
    var stock: [String: String]
    var products: Set<String>
}

/// Reads a shop as its visitors' pages do: over HTTPS with its API key, and not through Sluice.
final class ShopReader: Sendable {
    private let client: HTTPClient
    private let base: String
    private let key: String

    /// - Parameter path: Where the shop's interface lies.
    init(_ installation: Installation, shop: String, key: String = "wsk_sandbox", path: String = "api/v1") {
        var configuration = HTTPClientConfiguration()
        configuration.addresses = .unrestricted
        configuration.trust = .authorities(file: installation.folder.file("state/certificates/authority.pem"))
        client = HTTPClient(configuration)
        base = "https://localhost:\(installation.port("SANDBOX_HTTPS"))/\(shop)/\(path)"
        self.key = key
    }

    /// One answer, so one moment.
    func state() async throws -> ShopState {
        let answer = try JSON.decode(JSONValue.self, from: try await get("/datasets"))
        var datasets: [String: ShopState.Dataset] = [:]
        for item in answer["items"]?.arrayValue ?? [] {
            guard let name = item["name"]?.stringValue, ShopState.names.contains(name),
                case .number(let count)? = item["count"], let digest = item["digest"]?.stringValue
            else { continue }
            datasets[name] = ShopState.Dataset(count: Int(count) ?? -1, digest: digest)
        }
        return ShopState(datasets: datasets)
    }

    /// Every row, each data set at one version; of a shop without versions each row as it is when it is read. The data sets may be of different versions when a commit fell in between;
    /// ask for ``state()`` before and after to know.
    func whole() async throws -> WholeShop {
        let products = try await rows(of: "products")
        let prices = try await rows(of: "prices")
        let stock = try await rows(of: "stock")
        let read = [("products", products), ("prices", prices), ("stock", stock)].map { name, rows in
            (name, ShopState.Dataset(count: rows.count, digest: ShopPage.digest(of: rows)))
        }
        var whole = WholeShop(
            state: ShopState(datasets: Dictionary(uniqueKeysWithValues: read)), retail: [:], stock: [:], products: [])
        for row in try products.map({ try JSON.decode(JSONValue.self, from: $0) }) {
            whole.products.insert(row["code"]?.stringValue ?? "")
        }
        for row in try prices.map({ try JSON.decode(JSONValue.self, from: $0) })
        where row["price_list_code"]?.stringValue == "retail" {
            whole.retail[row["product_code"]?.stringValue ?? ""] = row["price"]?["amount"]?.stringValue
        }
        for row in try stock.map({ try JSON.decode(JSONValue.self, from: $0) }) {
            whole.stock[row["product_code"]?.stringValue ?? ""] = row["on_hand"]?.stringValue
        }
        return whole
    }

    private func rows(of dataset: String) async throws -> [[UInt8]] {
        for _ in 0..<20 {
            do { return try await rowsOnce(of: dataset) } catch ShopReadingError.expired { continue }
        }
        throw ShopReadingError.expired
    }

    private func rowsOnce(of dataset: String) async throws -> [[UInt8]] {
        var rows: [[UInt8]] = []
        var cursor: String?
        repeat {
            let page = try ShopPage(
                try await get("/\(dataset)?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")))
            rows += page.rows
            cursor = page.nextCursor
        } while cursor != nil
        return rows
    }

    /// What somebody in charge of the shop may do: one data set is what it was a version before.
    func rollBack(_ dataset: String) async throws {
        let answer = try await client.send(
            HTTPRequest(
                .post, base + "/datasets/\(dataset)/rollback", headers: [HTTPHeader("Authorization", "Bearer \(key)")],
                body: .bytes([])))
        guard answer.status == 200 else { throw ShopReadingError.refused(answer.status) }
    }

    private func get(_ path: String) async throws -> [UInt8] {
        let answer = try await client.send(
            HTTPRequest(.get, base + path, headers: [HTTPHeader("Authorization", "Bearer \(key)")]))
        let bytes = try await answer.body.collect(upTo: 16 << 20)
        if answer.status == 410 { throw ShopReadingError.expired }
        guard answer.status == 200 else { throw ShopReadingError.refused(answer.status) }
        return bytes
    }
}
