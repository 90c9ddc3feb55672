import CoreTypes
import Outbound
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import Connectors

/// What a lost or strange answer to a commit is taken for, by what the shop says of the sessions afterwards.
@Suite struct WebshopCommitTests {
    private let sessions = [
        UploadSession(id: "a", module: .products, expectedCount: 1),
        UploadSession(id: "b", module: .prices, expectedCount: 1),
    ]

    @Test(arguments: [
        [["committing"], ["committing"]], [["open"], ["committed"]], [["committed"], ["aborted"]],
        [["merging"], ["open"]],
    ])
    func `what has not settled, or is not understood, stays in doubt`(states: [[String]]) async throws {
        await #expect(throws: CommitInDoubt.self) { try await commit(states) }
    }

    @Test func `sessions seen on both sides of the commit are asked for again`() async throws {
        let live = try await commit([["open", "committed"], ["committed"]])
        #expect(live.mapValues(\.previousVersion) == [.products: "1", .prices: "1"])
    }

    @Test(arguments: [[["aborted"], ["aborted"]], [["open"], ["failed"]], [["open"], ["open"]]])
    func `what is gone or stays open was not published`(states: [[String]]) async throws {
        await #expect(throws: SystemFault.self) { try await commit(states) }
    }

    @Test func `a commit that took place but is not live any more is not taken for ours`() async throws {
        await #expect(throws: CommitInDoubt.self) { try await commit([["committed"], ["committed"]], prices: "x") }
    }

    /// - Parameter prices: The session that made the prices that are live.
    private func commit(_ states: [[String]], prices: String = "b") async throws -> [Module: LiveDataset] {
        let policy = RetryPolicy(
            attempts: 2, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(1)))
        let patience = Patience(policy, limit: .seconds(20), clock: ContinuousClock(), randomness: .counted())
        let scripted = ScriptedShop(["a": states[0], "b": states[1]], live: ["products": "a", "prices": prices])
        var shop = try GenericWebshop(
            ClaimedRun.example.target, credentials: Credentials(Secret(Array(#"{"apiKey":"key"}"#.utf8)), of: "shop"),
            ConnectorMaking(sender: scripted, patience: patience))
        shop.settlingRounds = 3
        shop.settlingPause = .zero
        return try await shop.commit(
            sessions,
            for: PublishingRun(
                connectionID: ConnectionID(bytes: (1, 1)), runID: RunID(bytes: (1, 1)), fencingToken: 1,
                countedAt: .example)
        ) {}
    }
}

/// Takes a commit without saying what comes of it, and then gives each session's states in turn; the last one stays.
private final class ScriptedShop: HTTPSending {
    private let states: Mutex<[String: [String]]>

    /// The session behind each live dataset.
    private let live: [String: String]

    init(_ states: [String: [String]], live: [String: String]) {
        self.states = Mutex(states)
        self.live = live
    }

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        let name = request.url.split(separator: "/").last.map(String.init) ?? ""
        if name == "commit" { return HTTPResponse(status: 202, body: .bytes(Array(#"{"state":"committing"}"#.utf8))) }
        guard let state = next(name) else {
            let session = live[name] ?? ""
            let dataset = #"{"live_version":2,"count":1,"previous_version":1,"import_id":"\#(session)"}"#
            return HTTPResponse(status: 200, body: .bytes(Array(dataset.utf8)))
        }
        return HTTPResponse(status: 200, body: .bytes(Array(#"{"state":"\#(state)"}"#.utf8)))
    }

    private func next(_ session: String) -> String? {
        states.withLock { states in
            let state = states[session]?.first
            if (states[session]?.count ?? 0) > 1 { states[session]?.removeFirst() }
            return state
        }
    }
}
