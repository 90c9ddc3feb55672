public import CoreTypes
public import RPC

/// Shows what a simulated webshop sells at this moment, in a form in which "byte for byte as before" can be checked.
public struct DescribeShop: RPCRequest {
    public static let method: MethodName = "sandbox.describeShop"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition]
    public static let summary = "Shows version, count and digest of each data set of a simulated webshop."
    public static let callers = Callers.operators

    public var system: String

    public init(system: String) { self.system = system }

    public struct Response: Codable, Sendable, Equatable {
        public var datasets: [ShopDataset]
        /// SHA-256 over all data sets, lower-case hex.
        public var digest: String
        public var openImports: [ShopImport]

        public init(datasets: [ShopDataset], digest: String, openImports: [ShopImport]) {
            self.datasets = datasets
            self.digest = digest
            self.openImports = openImports
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(system: "demo-shop"),
            Response(
                datasets: [
                    ShopDataset(
                        name: "products", liveVersion: 3, previousVersion: 2, count: 50_000,
                        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                        importID: "imp_000000000000000000000003", committedAt: Instant(seconds: 1_772_431_200))
                ], digest: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", openImports: [])
        )
    }
}

public struct ShopDataset: Codable, Sendable, Equatable {
    public var name: String
    /// 0 until the first commit.
    public var liveVersion: Int64
    public var previousVersion: Int64?
    public var count: Int
    /// SHA-256 over the rows in the order of their keys, lower-case hex; equal digests mean equal rows.
    public var digest: String
    /// The import that made the live version.
    public var importID: String?
    public var committedAt: Instant?

    public init(
        name: String, liveVersion: Int64, previousVersion: Int64?, count: Int, digest: String, importID: String?,
        committedAt: Instant?
    ) {
        self.name = name
        self.liveVersion = liveVersion
        self.previousVersion = previousVersion
        self.count = count
        self.digest = digest
        self.importID = importID
        self.committedAt = committedAt
    }
}

/// An import session that is neither committed nor dropped.
public struct ShopImport: Codable, Sendable, Equatable {
    public var id: String
    public var dataset: String
    public var stagedCount: Int
    public var runID: String?
    public var fencingToken: Int64?

    public init(id: String, dataset: String, stagedCount: Int, runID: String?, fencingToken: Int64?) {
        self.id = id
        self.dataset = dataset
        self.stagedCount = stagedCount
        self.runID = runID
        self.fencingToken = fencingToken
    }
}

public struct ListShopRows: RPCRequest {
    public static let method: MethodName = "sandbox.listShopRows"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition, .invalidArgument]
    public static let summary = "Shows live rows of one data set of a simulated webshop in the order of their keys."
    public static let callers = Callers.operators

    public var system: String
    /// `products`, `prices`, `stock`, …
    public var dataset: String
    /// Only rows whose first key part starts with this.
    public var startingWith: String?
    /// 1 to 500, default 20.
    public var limit: Int?

    public init(system: String, dataset: String, startingWith: String? = nil, limit: Int? = nil) {
        self.system = system
        self.dataset = dataset
        self.startingWith = startingWith
        self.limit = limit
    }

    public struct Response: Codable, Sendable, Equatable {
        /// Each row as JSON text with its members sorted by name.
        public var rows: [String]
        public init(rows: [String]) { self.rows = rows }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(system: "demo-shop", dataset: "products", startingWith: "A100042"),
            Response(rows: [#"{"active":true,"code":"A100042","name":"Skruetrækker, rød 120 mm"}"#])
        )
    }
}
