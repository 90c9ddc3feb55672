import CoreTypes
import Outbound
public import SchedulerAPI

/// The keys of what is live, for the read-back after a commit.
extension GenericWebshop {
    /// Rows a page has where the shop does not list keys alone: its rows come whole.
    private static let wholeRows = 500
    private static let keysMax = 5_000

    public func keyListing(of module: Module) async throws -> KeyListing? {
        do {
            // A shop that lists keys alone says how many at a time; one that does not ignores the question.
            let meta = try await call(.get, "/meta")
            let limit = meta["limits"]?["max_key_limit"]?.whole.map { min(max($0, 1), Self.keysMax) }
            let query = limit.map { "fields=key&limit=\($0)" } ?? "limit=\(Self.wholeRows)"
            _ = try await call(.get, "/\(module.rawValue)?limit=1")
            return KeyListing(path: "/\(module.rawValue)?\(query)")
        } catch let fault as SystemFault where fault.status == 404 || fault.status == 501 {
            return nil
        }
    }

    public func keyPage(_ listing: KeyListing, after cursor: String?) async throws -> [UInt8] {
        let place = cursor.map { "&cursor=\(percentEncoded($0))" } ?? ""
        return try await patience.retrying { try await client.send(.get, listing.path + place) }
    }
}
