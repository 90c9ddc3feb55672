import CoreTypes
import ImporterAPI
import JSON
import Outbound
public import SchedulerAPI
import Staging

/// A shop that is written to in small batches of rows, each live at once, in the manner of WooCommerce and Shopify.
///
/// Options of the system: `pinnedKeys`, `caFile`.
/// - SeeAlso: DESIGN.md beside this folder.
public struct DirectWebshop: DirectTarget {
    var client: ShopClient
    /// Rows of a page of whole rows.
    static let pageRows = 500
    private static let keysMax = 5_000
    private static let batchMax = 100

    init(_ access: SystemAccess, credentials: Credentials, _ making: ConnectorMaking) throws {
        client = try ShopClient(access, credentials: credentials, making, service: "/rest/v1")
    }

    public var system: String { client.system }

    public func probe(_ modules: [Module]) async -> ProbeResult {
        var probe = self
        probe.client.patience = client.patience.brief
        return await probe.steps(modules)
    }

    private func steps(_ modules: [Module]) async -> ProbeResult {
        let clock = client.patience.clock
        var result = ProbeResult()
        await result.step("reach", clock: clock) {
            try await call(.get, "/status")["status"]?.text
        }
        var version: String?
        await result.step("login", clock: clock) {
            version = try await call(.get, "/system")["version"]?.text
            return version.map { "version \($0)" }
        }
        result.version = version
        for module in modules {
            await result.step("read \(module.rawValue)", clock: clock) {
                "\(try await dataset(module).count) rows"
            }
            await result.step("write \(module.rawValue)", clock: clock) {
                // Writes nothing, and is refused where the key may not write.
                _ = try await call(.post, "/\(module.rawValue)/batch", body: Array("{}".utf8))
                return nil
            }
        }
        return result
    }

    public func live(_ modules: [Module]) async throws -> [Module: LiveDataset] {
        var live: [Module: LiveDataset] = [:]
        for module in modules { live[module] = try await dataset(module) }
        return live
    }

    /// The shop has no versions: the mark is its latest revision and the number of rows, which together change with each
    /// write and each deletion.
    private func dataset(_ module: Module) async throws -> LiveDataset {
        let answer = try await call(.get, "/\(module.rawValue)/count")
        guard let count = answer["count"]?.whole, let latest = answer["latest_revision"]?.whole else {
            throw client.unexpected("a dataset without a count")
        }
        return LiveDataset(version: "r\(latest)n\(count)", count: count)
    }

    public func changedRows(since mark: String, of module: Module) async throws -> Int? {
        guard mark.hasPrefix("r"), let revision = Int(mark.dropFirst().prefix { $0 != "n" }) else { return nil }
        return try await call(.get, "/\(module.rawValue)/count?since_revision=\(revision)")["count"]?.whole
    }

    public func batchRowsMax() async throws -> Int {
        let limits = try await call(.get, "/system")["limits"]
        return min(max(limits?["max_batch"]?.whole ?? Self.batchMax, 1), Self.batchMax)
    }

    public func listProducts(_ onPage: @Sendable ([ListedProduct]) async throws -> Void) async throws {
        var cursor: String?
        repeat {
            let place = cursor.map { "&cursor=\(percentEncoded($0))" } ?? ""
            let answer = try await call(.get, "/products?limit=\(Self.pageRows)\(place)")
            guard let rows = answer["items"]?.elements else { throw client.unexpected("a list without items") }
            try await onPage(
                rows.compactMap { row in
                    row["code"]?.text.map { ListedProduct(key: $0, name: row["name"]?.text ?? "") }
                })
            let next = answer["next_cursor"]?.text
            guard next == nil || next != cursor else { throw client.unexpected("the next page is the same page") }
            cursor = next
        } while cursor != nil
    }

    public func keyListing(of module: Module) async throws -> KeyListing? {
        KeyListing(path: "/\(module.rawValue)?fields=key&limit=\(Self.keysMax)")
    }

    public func keyPage(_ listing: KeyListing, after cursor: String?) async throws -> [UInt8] {
        let place = cursor.map { "&cursor=\(percentEncoded($0))" } ?? ""
        return try await client.patience.retrying { try await client.send(.get, listing.path + place) }
    }

    /// Sends a request that may be repeated, within the run's patience.
    func call(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil) async throws -> JSONValue {
        try await client.patience.retrying { try await client.callOnce(method, path, body: body) }
    }
}
