import Connectors
import CoreTypes
import RPC
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

/// The same world with a shop that does not stage, named `direct`, as the target of a connection of its own.
extension ImportFixture {
    static let directConnection = ConnectionID(bytes: (2, 3))

    func directTarget(named name: String = "direct") throws -> SystemAccess {
        try access(3, "Our direct shop", .directWebshop, name, [:], ["apiKey": "wsk_sandbox"])
    }

    func directClaim(
        _ modules: [Module] = Module.allCases, token: Int64 = 1, leaseMs: Int64 = 120_000
    ) throws -> ClaimedRun {
        var claim = try claim(modules, token: token, leaseMs: leaseMs)
        claim.runID = RunID(bytes: (5, UInt64(token)))
        claim.connectionID = Self.directConnection
        claim.connectionLabel = "Our SAP > Our direct shop"
        claim.target = try directTarget()
        return claim
    }

    /// Claims and carries out one run to the shop without staging.
    @discardableResult
    func push(
        _ modules: [Module] = Module.allCases, token: Int64 = 1, leaseMs: Int64 = 120_000, othersToken: Int64? = nil,
        with importer: ImporterService? = nil
    ) async throws -> RunReport? {
        var claim = try directClaim(modules, token: token, leaseMs: leaseMs)
        claim.othersToken = othersToken
        return try await carryOut(claim, with: importer)
    }

    /// A run that brings the set of an earlier run back.
    func goBack(
        to wanted: RunID, token: Int64, leaseMs: Int64 = 120_000, othersToken: Int64? = nil,
        with importer: ImporterService? = nil
    ) async throws -> RunReport? {
        var claim = try directClaim(token: token, leaseMs: leaseMs)
        claim.othersToken = othersToken
        claim.task = RunTask(
            kind: .rollback, runID: wanted,
            versions: Module.allCases.map { PublishedVersion(module: $0, version: "as it was", runID: wanted) })
        return try await carryOut(claim, with: importer)
    }

    /// A run that finishes what the run of another token has left half done.
    func finishLeftover(
        of left: Int64, token: Int64, takesBack: Bool? = nil, with importer: ImporterService
    ) async throws -> RunReport? {
        var claim = try directClaim(token: token)
        claim.othersToken = 0
        claim.task = RunTask(kind: .finish, runID: try directClaim(token: left).runID, takesBack: takesBack)
        return try await carryOut(claim, with: importer)
    }

    /// The same for another connection, to a shop without staging of its own, with the same source.
    func otherDirectClaim(token: Int64 = 1) throws -> ClaimedRun {
        var claim = try directClaim(token: token)
        claim.runID = RunID(bytes: (6, UInt64(token)))
        claim.connectionID = ConnectionID(bytes: (2, 4))
        claim.target = try directTarget(named: "other-direct")
        return claim
    }

    func directShop() async throws -> DescribeShop.Response { try await sandbox.call(DescribeShop(system: "direct")) }

    /// Changes prices and stock of items, removes two and adds one.
    func changeSource(price: String, stock: String = "7") async throws {
        _ = try await sandbox.call(EditItems(system: "sap", count: 60, price: price, stock: stock))
        for item in try await sandbox.call(ListItems(system: "sap", limit: 25)).items.filter(\.sellable).suffix(2) {
            _ = try await sandbox.call(DeleteItem(system: "sap", code: item.code))
        }
        _ = try await sandbox.call(AddItem(system: "sap", code: "NEW-\(price)", name: "New"))
    }

    /// The stock of one product that has changed is refused for good; products and prices are live by then.
    func refuseOneStockRow() async throws {
        let items = try await sandbox.call(ListItems(system: "sap", limit: 10)).items
        let code = try #require(items.first { $0.sellable }).code
        try await misbehave(.refuseRow, on: "direct") { $0.target = "stock/\(code)" }
    }

    /// What the source has, published to the shop that stages: the oracle for what the other one must show.
    func expectDirectShopShowsSource(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let token = Int64(1000 + scheduler.change { $0.reports.count })
        let report = try await run(token: token)
        #expect(report?.outcome.isSuccess == true, sourceLocation: sourceLocation)
        let staged = try await shop().datasets
        let direct = try await directShop().datasets
        for module in Module.allCases {
            let wanted = staged.first { $0.name == module.rawValue }
            let shown = direct.first { $0.name == module.rawValue }
            #expect(shown?.count == wanted?.count, "\(module)", sourceLocation: sourceLocation)
            #expect(shown?.digest == wanted?.digest, "\(module)", sourceLocation: sourceLocation)
        }
    }

    /// The connector as somebody at the shop's own desk would write through it.
    func directConnector() async throws -> any DirectTarget {
        let context = try await importer().claims.context
        guard case .direct(let shop) = try context.target(try directTarget(), context.making(limit: .seconds(120))).way
        else { throw SystemFault(.internal, "the shop stages") }
        return shop
    }

    /// Somebody changes the name of a product by hand; returns its code.
    func editByHand() async throws -> String {
        let shop = try await directConnector()
        let row = try #require(try await shop.rowPage(of: .products, after: nil).rows.first)
        let body = String(decoding: row.body, as: UTF8.self).replacing(#""name":""#, with: #""name":"By hand "#)
        let outcomes = try await shop.write(
            [RowChange(key: row.key, body: Array(body.utf8), basis: row)], of: .products
        ) {}
        #expect(outcomes == [.written])
        return row.key
    }

    func directRow(_ dataset: String, _ key: String) async throws -> String? {
        try await sandbox.call(ListShopRows(system: "direct", dataset: dataset, startingWith: key, limit: 1)).rows.first
    }

    /// Publishes that can be taken back, as an importer that holds the connection under `token` would.
    func rollback(
        token: Int64, _ importer: ImporterService? = nil, obstacle: @escaping @Sendable () -> Interruption? = { nil }
    ) async throws -> DirectRollback {
        let service: ImporterService
        if let importer { service = importer } else { service = try await self.importer() }
        let context = service.claims.context
        return DirectRollback(
            publishing: DirectPublishing(
                run: try directClaim(token: token), context: context, target: try await directConnector(),
                board: context.makeBoard(), obstacle: obstacle))
    }

    /// Publishes, changes the source, and dies on the way of the second publish.
    ///
    /// - Parameter check: Gets what the dead process left, and what the shop showed before.
    static func withPushKilled(
        at point: String, passage: Int = 1, refusing: Bool = false,
        _ check: @escaping @Sendable (ImportFixture, _ before: String) async throws -> Void
    ) async throws {
        let death = try Death(at: point, passage: passage)
        try await ImportFixture.with(items: 30, crashPoints: death.crashPoints) { fixture in
            #expect(try await fixture.push()?.outcome == .published)
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            if refusing { try await fixture.refuseOneStockRow() }
            death.lurk(over: fixture.folder.path)
            _ = try? await fixture.push(token: 2, leaseMs: 3_000, with: try await fixture.importer(dyingBy: death))
            try death.checkCopied()
            #expect(death.isDead, "the run never came to \(point)")
            try await check(try fixture.inheriting(death.remains), before)
        }
    }

    func journalState(of token: Int64) async throws -> PublishJournal.State? {
        let journals = try PublishJournals(folder: configuration.journalFolder)
        guard let journal = try journals.open(try directClaim(token: token)) else { return nil }
        defer { journal.close() }
        return try await journal.record()?.state
    }

    /// What the journal of a run says of its rows.
    func journaledRows(of token: Int64) async throws -> PushedRows? {
        let journals = try PublishJournals(folder: configuration.journalFolder)
        guard let journal = try journals.open(try directClaim(token: token)) else { return nil }
        defer { journal.close() }
        return try await journal.figures()
    }

    func unfinishedJournals() async throws -> [PublishJournal.State] {
        let journals = try PublishJournals(folder: configuration.journalFolder)
        var states: [PublishJournal.State] = []
        for name in try journals.names(of: Self.directConnection) {
            guard let journal = try journals.open(name) else { continue }
            defer { journal.close() }
            if let state = try await journal.record()?.state, state != .done { states.append(state) }
        }
        return states
    }
}
