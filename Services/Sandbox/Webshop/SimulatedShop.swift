import CoreTypes
import SandboxAPI

/// A simulated shop of any kind, as the sandbox's own requests show it to people.
protocol SimulatedShop: SimulatedSystem {
    /// What it sells now, with digests.
    func describedDatasets() async throws -> [ShopDataset]
    /// Uploads that were begun and are not live; a shop that does not stage has none.
    func describedUploads() async throws -> [ShopImport]
    /// Live rows as canonical JSON.
    func liveRows(_ schema: ShopSchema, startingWith prefix: String, limit: Int) async throws -> [String]
    func productCount() async throws -> Int
}

extension Webshop {
    func describedDatasets() async throws -> [ShopDataset] {
        try await describe().map { entry in
            ShopDataset(
                name: entry.dataset.schema.rawValue, liveVersion: entry.dataset.liveVersion,
                previousVersion: entry.dataset.previousVersion, count: entry.dataset.count, digest: entry.digest,
                importID: entry.dataset.importID, committedAt: entry.dataset.committedAt)
        }
    }

    func describedUploads() async throws -> [ShopImport] {
        try await openImports().map { session in
            ShopImport(
                id: session.id, dataset: session.dataset, stagedCount: session.stagedCount, runID: session.runID,
                fencingToken: session.fencingToken)
        }
    }

    func productCount() async throws -> Int {
        try await describe(withDigests: false).first { $0.dataset.schema == .products }?.dataset.count ?? 0
    }
}
