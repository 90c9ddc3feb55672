import CoreTypes
import RPC
import SchedulerAPI

// People name things by a part of the name; programs by id.

extension Session {
    func merchant(_ text: String) async throws -> MerchantSummary {
        let found = try await call(ListMerchants(query: text)).merchants
        let exact = found.filter { $0.name == text || $0.number == text || $0.merchantID.rawValue == text }
        return try one(of: exact.isEmpty ? found : exact, kind: "merchant", text) { $0.name }
    }

    func merchantID(_ text: String) async throws -> MerchantID { try await merchant(text).merchantID }

    func connection(_ text: String) async throws -> ConnectionSummary {
        if let id = ConnectionID(text) { return try await call(DescribeConnection(connectionID: id)).connection }
        var all: [ConnectionSummary] = []
        while true {
            let page = try await call(ListConnections(limit: 500, after: all.last?.connectionID)).connections
            all += page
            if page.count < 500 { break }
        }
        let found = all.filter { matches(text, $0.label) || matches(text, $0.merchantName) }
        let exact = found.filter { $0.label == text }
        return try one(of: exact.isEmpty ? found : exact, kind: "connection", text) {
            "\($0.merchantName): \($0.label)"
        }
    }

    func system(_ text: String, of merchant: String?) async throws -> SystemID {
        if let id = SystemID(text) { return id }
        guard let merchant else {
            throw ServiceError(
                .invalidArgument, reason: "system_needs_merchant", arguments: ["system": text])
        }
        let systems = try await call(ListSystems(merchantID: try await merchantID(merchant))).systems
        let found = systems.filter { matches(text, $0.name) }
        let exact = found.filter { $0.name == text }
        return try one(of: exact.isEmpty ? found : exact, kind: "system", text) { $0.name }.systemID
    }

    func run(_ text: String) throws -> RunID {
        guard let id = RunID(text) else {
            throw ServiceError(.invalidArgument, reason: "not_an_id", arguments: ["text": text, "kind": "run"])
        }
        return id
    }

    private func matches(_ text: String, _ name: String) -> Bool {
        name.lowercased().contains(text.lowercased())
    }

    private func one<Thing>(of found: [Thing], kind: String, _ text: String, name: (Thing) -> String) throws -> Thing {
        guard let first = found.first else {
            throw ServiceError(.notFound, reason: "nothing_matches", arguments: ["kind": kind, "text": text])
        }
        guard found.count == 1 else {
            let names = found.prefix(5).map(name).joined(separator: "; ")
            throw ServiceError(
                .invalidArgument, reason: "several_match",
                arguments: ["kind": kind, "text": text, "count": "\(found.count)", "names": names])
        }
        return first
    }
}
