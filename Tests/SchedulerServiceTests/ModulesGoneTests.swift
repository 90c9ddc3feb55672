import CoreTypes
import RPC
import SchedulerAPI
import Testing

/// Settings that take modules away while runs of them wait or are lost.
@Suite struct ModulesGoneTests {
    private func change(
        _ connection: ConnectionID, to modules: [Module], in scheduler: SchedulerFixture
    ) async throws {
        try await scheduler.call(
            UpdateConnection(
                connectionID: connection, settings: ConnectionSettings(modules: modules), reason: "Fewer"))
    }

    @Test(arguments: [false, true])
    func `a run is claimed only with modules the connection still has`(override: Bool) async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        let run = try await scheduler.call(
            StartRun(connectionID: connection, reason: "All", override: override)
        ).runID
        try await change(connection, to: [.stock, .products], in: scheduler)
        #expect(try await scheduler.claim()?.modules == [.stock, .products])
        #expect(try await scheduler.call(DescribeRun(runID: run)).run.run.modules == [.stock, .products])
    }

    @Test(arguments: [false, true])
    func `a queued run whose modules are all gone is skipped with the reason`(override: Bool) async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(
            StartRun(connectionID: connection, modules: [.prices], reason: "Prices", override: override))
        try await change(connection, to: [.products], in: scheduler)
        let skipped = try #require(try await scheduler.runs(of: connection).first)
        #expect(skipped.state == .skipped)
        #expect(skipped.reason == "run_skipped_modules_gone")
        #expect(try await scheduler.claim() == nil)
        // It holds up nothing.
        try await scheduler.call(StartRun(connectionID: connection, reason: "The rest"))
        #expect(try await scheduler.claim()?.modules == [.products])
    }

    @Test func `a lost run whose modules are all gone is not started again`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, modules: [.prices], reason: "Prices"))
        _ = try #require(try await scheduler.claim())
        try await change(connection, to: [.products], in: scheduler)
        try await scheduler.live(for: 20)
        let runs = try await scheduler.runs(of: connection)
        #expect(runs.map(\.state) == [.skipped, .finished])
        #expect(runs.first?.trigger == .afterLoss)
        #expect(runs.first?.reason == "run_skipped_modules_gone")
        #expect(try await scheduler.claim() == nil)
    }

    @Test func `settings whose modules have nothing to move are refused`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        for mapping in [
            Mapping(prices: PriceMapping(priceLists: [:])), Mapping(stock: StockMapping(warehouses: [:])),
        ] {
            await expectRefusal(.invalidArgument, "invalid_settings") {
                try await scheduler.call(
                    UpdateConnection(
                        connectionID: connection, settings: ConnectionSettings(mapping: mapping), reason: "x"))
            }
        }
    }
}
