import CoreTypes
import ImporterAPI
import JSON
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// Settings are tried on real items before they are saved.
@Suite struct TryMappingTests {
    private func with(
        items: Int = 60, _ body: @escaping @Sendable (ImportFixture, any RPCCaller, SystemID) async throws -> Void
    ) async throws {
        try await ImportFixture.with(items: items) { fixture in
            let (source, shop) = (try fixture.source(), try fixture.target())
            fixture.scheduler.change { $0.systems = [source, shop] }
            let importer = InProcessCaller(try await fixture.importer().router, as: .operator(name: "anna"))
            try await body(fixture, importer, source.systemID)
        }
    }

    @Test func `ten items are shown with what the shop would get, and nothing is staged or sent`() async throws {
        try await with { fixture, importer, source in
            let answer = try await importer.call(TryMapping(systemID: source, settings: .small))
            #expect(answer.items.count == 10)
            #expect(answer.warnings == [])
            #expect(answer.steps.allSatisfy { $0.failure == nil })
            for item in answer.items {
                #expect(item.source.utf8.count == item.sourceLength)
                for row in item.rows {
                    for field in row.fields where field.rule != .fixed {
                        let place = try #require(field.sources.first)
                        let offset = try #require(place.offset)
                        let bytes = Array(item.source.utf8)[offset..<offset + place.length]
                        #expect(String(decoding: bytes, as: UTF8.self) == place.text, "\(place.path)")
                    }
                }
            }
            #expect(answer.sourceFields.contains { $0.name == "ItemPrices" && $0.kind == .list })
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    /// With the members in the order of their names.
    private static func sorted(_ json: String) throws -> String {
        func sorted(_ value: JSONValue) -> JSONValue {
            guard case .object(let members) = value else { return value }
            return .object(members.sorted { $0.0 < $1.0 }.map { ($0.0, sorted($0.1)) })
        }
        return try JSON.encodeText(sorted(try JSON.decode(JSONValue.self, from: json)))
    }

    @Test func `the rows shown are the rows a run publishes`() async throws {
        try await with { fixture, importer, source in
            let code = try await fixture.oneSellableCode()
            let answer = try await importer.call(TryMapping(systemID: source, settings: .small, keys: [code]))
            _ = try await fixture.run()
            for (module, dataset) in [(Module.products, "products"), (.prices, "prices"), (.stock, "stock")] {
                let live = try await fixture.sandbox.call(
                    ListShopRows(system: "shop", dataset: dataset, startingWith: code)
                ).rows
                let shown = answer.items[0].rows.filter { $0.module == module }.map(\.row)
                #expect(!shown.isEmpty)
                #expect(try Set(shown.map(Self.sorted)).isSubset(of: try Set(live.map(Self.sorted))))
            }
        }
    }

    @Test func `settings that find nothing are warned of before they are saved`() async throws {
        try await with { fixture, importer, source in
            var settings = ConnectionSettings.small
            settings.mapping.products.attributes = ["colour": "U_Colour"]
            settings.mapping.prices.priceLists = ["9": "vip"]
            settings.mapping.stock.warehouses = ["99": "main"]
            let answer = try await importer.call(TryMapping(systemID: source, settings: settings))
            #expect(
                answer.warnings.map(\.reason) == [
                    "trial_field_not_in_items", "trial_price_list_not_in_items", "trial_warehouse_not_in_items",
                ])
            #expect(answer.warnings[1].arguments == ["priceList": "9", "found": "1, 2"])
            #expect(answer.items.count == 10)
        }
    }

    @Test func `an item that is not there, or that no import would read, is told from one that is`() async throws {
        try await with(items: 200) { fixture, importer, source in
            let items = try await fixture.sandbox.call(ListItems(system: "sap", limit: 200)).items
            let sold = try #require(items.first { $0.sellable }).code
            let withdrawn = try #require(items.first { !$0.sellable }).code
            let answer = try await importer.call(
                TryMapping(systemID: source, settings: .small, keys: [sold, withdrawn, "no'such"]))
            #expect(Set(answer.items.compactMap(\.key)) == [sold, withdrawn])
            #expect(
                answer.warnings.map { "\($0.reason) \($0.arguments["key"] ?? "")" } == [
                    "trial_key_not_found no'such", "trial_key_not_read \(withdrawn)",
                ])
        }
    }

    @Test func `an item a run could not read says why`() async throws {
        try await with { fixture, importer, source in
            try await fixture.misbehave(.unreadableItems) { $0.count = 60 }
            let items = try await importer.call(TryMapping(systemID: source, settings: .small)).items
            #expect(items.contains { $0.unreadable == "item_price_not_a_number" && $0.rows.isEmpty })
        }
    }

    @Test func `what is wrong with the system is a step of the answer`() async throws {
        try await with { fixture, importer, source in
            try await fixture.misbehave(.refuseLogin)
            let refused = try await importer.call(TryMapping(systemID: source, settings: .small))
            #expect(refused.steps.last?.failure == .login)
            try await fixture.repair()
            try await fixture.misbehave(.malformedJSON)
            let broken = try await importer.call(TryMapping(systemID: source, settings: .small))
            #expect(broken.steps.last?.failure == .answer)
            #expect(broken.items.isEmpty)
        }
    }

    @Test func `settings that cannot be, too many keys and a shop are refused`() async throws {
        try await with(items: 1) { fixture, importer, source in
            var settings = ConnectionSettings.small
            settings.mapping.prices.priceLists = ["1": "retail", "2": "retail"]
            let shop = try fixture.target().systemID
            for (request, reason) in [
                (TryMapping(systemID: source, settings: settings), "mapping_two_price_lists_to_one"),
                (
                    TryMapping(systemID: source, settings: .small, keys: Array(repeating: "A", count: 11)),
                    "trial_bad_keys"
                ),
                (TryMapping(systemID: shop, settings: .small), "trial_not_a_source"),
            ] {
                await #expect {
                    _ = try await importer.call(request)
                } throws: { ($0 as? ServiceError)?.reason == reason }
            }
        }
    }
}
