import CoreTypes
import JSON
import Outbound
public import SchedulerAPI

/// `POST /<dataset>/batch`: what changes the shop.
extension DirectWebshop {
    /// A request whose answer was lost is sent again: each row names the revision it is based on, so a row the first one
    /// has written is answered as changed, and is read. For the same reason a kept connection may be used.
    public func write(
        _ changes: [RowChange], of module: Module, unless check: @Sendable () throws -> Void
    ) async throws -> [RowOutcome] {
        let batch = try Batch(changes, module)
        let answer = try await client.patience.retrying {
            try check()
            return try await client.callOnce(.post, "/\(module.rawValue)/batch", body: batch.body, reuse: .allowed)
        }
        guard let outcomes = batch.outcomes(answer) else { throw client.unexpected("a batch that leaves out rows") }
        return outcomes
    }
}

/// The rows of one request by what is done to them, and where each came from.
private struct Batch {
    private enum Action: String, CaseIterable { case create, update, delete }

    private let places: [Action: [Int]]
    private let count: Int
    let body: [UInt8]

    init(_ changes: [RowChange], _ module: Module) throws {
        var places: [Action: [Int]] = [:]
        var rows: [Action: [JSONValue]] = [:]
        for (index, change) in changes.enumerated() {
            guard let (action, row) = try Self.row(change, module) else { continue }
            places[action, default: []].append(index)
            rows[action, default: []].append(row)
        }
        self.places = places
        count = changes.count
        body = try JSON.encode(
            JSONValue.object(Action.allCases.map { (key: $0.rawValue, value: .array(rows[$0] ?? [])) }))
    }

    /// - Returns: nil for the removal of a row that is not there.
    private static func row(_ change: RowChange, _ module: Module) throws -> (Action, JSONValue)? {
        var members = ShopRowKey.members(change.key, module)
        if let body = change.body {
            guard case .object(let sent) = try JSON.decode(JSONValue.self, from: body).without(DirectWebshop.foreign)
            else { throw SystemFault(.internal, "a row that is no object") }
            members = sent
        }
        guard let basis = change.basis else { return change.body == nil ? nil : (.create, .object(members)) }
        if let revision = basis.revision { members.append(("if_revision", .number(revision))) }
        return (change.body == nil ? .delete : .update, .object(members))
    }

    /// - Returns: nil when the answer is not about the rows that were sent.
    func outcomes(_ answer: JSONValue) -> [RowOutcome]? {
        var outcomes = [RowOutcome](repeating: .written, count: count)
        for action in Action.allCases {
            let places = places[action] ?? []
            let answers = answer[action.rawValue]?.elements ?? []
            guard answers.count == places.count else { return nil }
            for (place, answer) in zip(places, answers) { outcomes[place] = Self.outcome(answer) }
        }
        return outcomes
    }

    private static func outcome(_ answer: JSONValue) -> RowOutcome {
        guard let error = answer["error"], !error.isNull else { return .written }
        let code = error["code"]?.text ?? "unknown"
        switch code {
        // The row is not as it was read: gone, there, or another.
        case "already_exists", "not_found", "revision_changed": return .changed
        default: return .refused(code: code, words: error["message"]?.text ?? code)
        }
    }
}
