import CoreTypes
import Foundation
import JSON
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// A connection goes from one importer to the other, and back.
    @Suite struct HandOverTests {
        @Test(.timeLimit(.minutes(60)))
        func `another importer goes on from the shop's own list, keeps the work, and shuts the first out of the shop`()
            async throws
        {
            let handOver = try await HandOver()
            for _ in 0..<LongProof.count(1, long: 20) {
                try await handOver.leaveToTheOther(SIGKILL)
                try await handOver.workStays()
                try await handOver.takeOverInTheMiddle()
                try await handOver.leaveToTheOther(SIGTERM)
            }
            let audit = Audit(world: handOver.importers.world, merchant: handOver.merchant)
            #expect(try await audit.problems(acknowledged: handOver.started) == [])
            try await handOver.importers.world.installation.stop()
        }
    }
}

/// One merchant, and which of the two importers published last.
private final class HandOver {
    let importers: TwoImporters
    let merchant: Merchant
    private(set) var started: [RunID] = []
    private let catalogue: ChangingCatalogue
    private let sessions: ImportSessions
    private var generation = 0
    private var home = ""
    private var world: World { importers.world }

    init() async throws {
        importers = try await TwoImporters()
        merchant = try await importers.world.addMerchant("handover")
        catalogue = try await ChangingCatalogue(importers.world.systems, erp: merchant.erp)
        sessions = ImportSessions(importers.world, merchant)
        _ = try await publish()
        home = try await importers.holder(of: started[0])
    }

    private func publish() async throws -> RunDescription {
        generation += 1
        try await catalogue.advance(to: generation)
        let run = try await world.startRun(merchant)
        started.append(run)
        #expect(try await world.idle(merchant).outcome == .published)
        #expect(try await shopProblems() == [])
        return try await world.run(run)
    }

    private func shopProblems() async throws -> [String] {
        try await Audit(world: world, merchant: merchant).shopProblems()
    }

    /// The one with the published set is gone. The other has an older one or none, and learns from the shop what is live:
    /// it knows by name what the source has not any more, and sends everything.
    func leaveToTheOther(_ signal: Int32) async throws {
        let gone = home
        try await world.installation.end(gone, with: signal)
        let items = try await world.systems.items(of: merchant.erp)
        let removed = try #require(items.first { $0.code.hasPrefix("A") && !catalogue.marked.contains($0.code) })
        _ = try await world.calls(DeleteItem(system: merchant.erp, code: removed.code))

        let run = try await publish()
        home = TwoImporters.name(of: run.leaseOwner)
        #expect(home == TwoImporters.other(than: gone))
        let report = try #require(run.report)
        #expect(report.missing.contains { $0.key == removed.code && $0.name == removed.name })
        #expect(report.publication.map(\.mode) == ["full", "full", "full"])
        try await importers.start(gone)
    }

    /// Both ask for work. The one that holds the set gets it, and sends differences.
    func workStays() async throws {
        for _ in 1...3 {
            let run = try await publish()
            #expect(TwoImporters.name(of: run.leaseOwner) == home)
            #expect(run.report?.publication.allSatisfy { $0.mode == "delta" } == true)
            let waited = try #require(run.run.startedAt) - run.run.queuedAt
            #expect(waited < TwoImporters.preference + TwoImporters.claimPause, "it waits for nobody else")
        }
    }

    /// The one that uploads stands still. The other aborts what it left at the shop before it opens its own sessions; from then
    /// on the shop refuses the first whatever it asks.
    func takeOverInTheMiddle() async throws {
        let victim = home
        generation += 1
        try await catalogue.advance(to: generation)
        try await world.systems.slow(merchant.shop, milliseconds: 300)
        let run = try await world.startRun(merchant)
        started.append(run)
        let left = try await eventually("open sessions", every: .milliseconds(20)) { () -> [String]? in
            let open = try await self.world.systems.openImports(of: self.merchant.shop)
            return open.isEmpty ? nil : open
        }
        try importers.signal(victim, SIGSTOP)
        let token = try #require(try await world.run(run).fencingToken)
        try await world.systems.repairBoth(merchant)

        _ = try await world.idle(merchant)
        let lost = try await world.run(run)
        let winner = try await world.run(try #require(lost.replacedBy))
        #expect(lost.run.outcome == .lost)
        #expect(winner.run.outcome == .published)
        home = TwoImporters.name(of: winner.leaseOwner)
        #expect(home == TwoImporters.other(than: victim))
        #expect(try await shopProblems() == [])
        for session in left {
            #expect(try await sessions.state(of: session) == "aborted")
            #expect(try await sessions.commit(session, token: token) == 409)
        }
        #expect(try await sessions.open(token: token) == "superseded")

        try importers.signal(victim, SIGCONT)
        #expect(TwoImporters.name(of: try await publish().leaseOwner) == home)
    }
}

/// A shop's import sessions as an importer that has lost its lease would use them.
private struct ImportSessions {
    private let client: HTTPClient
    private let base: String
    private let connection: ConnectionID

    init(_ world: World, _ merchant: Merchant) {
        var configuration = HTTPClientConfiguration()
        configuration.addresses = .unrestricted
        configuration.trust = .authorities(file: world.installation.folder.file("state/certificates/authority.pem"))
        client = HTTPClient(configuration)
        base = "https://localhost:\(world.installation.port("SANDBOX_HTTPS"))/\(merchant.shop)/api/v1"
        connection = merchant.connectionID
    }

    func state(of session: String) async throws -> String? {
        try await send(.get, "/imports/\(session)").body["state"]?.stringValue
    }

    /// - Returns: The status.
    func commit(_ session: String, token: Int64) async throws -> Int {
        try await send(
            .post, "/imports/commit",
            #"{"ids":["\#(session)"],"actual_counts":{"\#(session)":1},"fencing_token":\#(token)}"#
        ).status
    }

    /// - Returns: Why the shop does not open another session.
    func open(token: Int64) async throws -> String? {
        let source = #"{"connection":"\#(connection)","fencing_token":\#(token)}"#
        return try await send(
            .post, "/imports", #"{"dataset":"stock","mode":"delta","expected_count":1,"source":\#(source)}"#
        ).body["code"]?.stringValue
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        let headers = [
            HTTPHeader("Authorization", "Bearer wsk_sandbox"), HTTPHeader("Content-Type", "application/json"),
            HTTPHeader("Idempotency-Key", "late \(path) \(body ?? "")".filter(\.isASCII)),
        ]
        let answer = try await client.send(
            HTTPRequest(method, base + path, headers: headers, body: body.map { .bytes(Array($0.utf8)) } ?? .none))
        return (answer.status, try JSON.decode(JSONValue.self, from: try await answer.body.collect(upTo: 1 << 20)))
    }
}
