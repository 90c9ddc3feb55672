import CoreTypes
import RPC
import SchedulerAPI
import Testing

/// Two connections that feed one shop with the same module would remove each other's items.
@Suite struct TargetUseTests {
    private let scheduler: SchedulerFixture
    private let merchant: MerchantID
    private let sap: SystemID
    private let first: ConnectionSummary

    init() async throws {
        scheduler = try SchedulerFixture()
        merchant = try await scheduler.addMerchant("Ours")
        sap = try await scheduler.addSystem(.sapBusinessOne, of: merchant)
        first = try await scheduler.call(
            CreateConnection(
                merchantID: merchant, label: "Main", sourceID: sap,
                targetID: Self.addShop("https://Shop.example.dk:443/x", of: merchant, scheduler),
                settings: ConnectionSettings(modules: [.products, .prices]), schedule: .manual)
        ).connection
    }

    private static func addShop(
        _ baseURL: String, of merchant: MerchantID, _ scheduler: SchedulerFixture
    ) async throws -> SystemID {
        try await scheduler.call(
            CreateSystem(
                merchantID: merchant, name: baseURL, kind: .genericWebshop, baseURL: baseURL,
                credentials: SchedulerFixture.sealed)
        ).system.systemID
    }

    private func create(_ target: SystemID, _ modules: [Module]) -> CreateConnection {
        CreateConnection(
            merchantID: merchant, label: "Second", sourceID: sap, targetID: target,
            settings: ConnectionSettings(modules: modules), schedule: .manual)
    }

    @Test func `a module of a shop is fed by one connection, whatever row the shop stands in`() async throws {
        let shop = try await Self.addShop("https://shop.example.dk/x", of: merchant, scheduler)
        do {
            try await scheduler.call(create(shop, [.prices, .stock]))
            Issue.record("It was not refused.")
        } catch {
            #expect(error.status == .failedPrecondition)
            #expect(error.reason == "target_already_fed")
            #expect(error.arguments == ["connection": "Main", "modules": "prices"])
        }
        #expect(try await scheduler.call(ListConnections()).connections.count == 1)
        let other = try await scheduler.call(create(shop, [.stock])).connection
        await expectRefusal(.failedPrecondition, "target_already_fed") {
            try await scheduler.call(
                UpdateConnection(
                    connectionID: other.connectionID, settings: ConnectionSettings(modules: [.stock, .products]),
                    reason: "More"))
        }
        try await scheduler.call(
            UpdateConnection(
                connectionID: first.connectionID, settings: ConnectionSettings(modules: [.products]), reason: "Less"))
        try await scheduler.call(
            UpdateConnection(
                connectionID: other.connectionID, settings: ConnectionSettings(modules: [.stock, .prices]),
                reason: "More"))
    }

    @Test func `another path of the same host is another shop`() async throws {
        let shop = try await Self.addShop("https://shop.example.dk/X", of: merchant, scheduler)
        try await scheduler.call(create(shop, Module.allCases))
    }

    @Test func `a shop cannot be moved to an address that is fed already`() async throws {
        let shop = try await Self.addShop("https://shop.example.dk/y", of: merchant, scheduler)
        try await scheduler.call(create(shop, [.prices]))
        await expectRefusal(.failedPrecondition, "target_already_fed") {
            try await scheduler.call(
                UpdateSystem(
                    systemID: shop, baseURL: "https://shop.example.dk/x", credentials: SchedulerFixture.sealed,
                    reason: "Moved"))
        }
    }

    @Test func `of another merchant's connection nothing is told but that the shop is fed`() async throws {
        let theirs = try await scheduler.addMerchant("Theirs")
        let request = try await CreateConnection(
            merchantID: theirs, sourceID: scheduler.addSystem(.sapBusinessOne, of: theirs),
            targetID: Self.addShop("https://shop.example.dk/x", of: theirs, scheduler), schedule: .manual)
        do {
            try await scheduler.call(request)
            Issue.record("It was not refused.")
        } catch {
            #expect(error.status == .failedPrecondition)
            #expect(error.reason == "target_fed_elsewhere")
            #expect(error.arguments.isEmpty)
        }
    }
}
