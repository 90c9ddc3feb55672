import SandboxAPI
import Testing

@testable import SandboxService

@Suite struct CatalogueGeneratorTests {
    private let items = CatalogueGenerator(seed: 7, priceLists: 3, warehouses: 5).makeItems(sellable: 1000)

    @Test func `the same seed makes the same items, another seed others`() {
        let again = CatalogueGenerator(seed: 7, priceLists: 3, warehouses: 5).makeItems(sellable: 1000)
        let other = CatalogueGenerator(seed: 8, priceLists: 3, warehouses: 5).makeItems(sellable: 1000)
        #expect(items == again)
        #expect(items != other)
    }

    @Test func `codes are unique, and exactly the wanted number can be sold`() {
        #expect(Set(items.map(\.code)).count == 1020)
        #expect(items.count { $0.isSellable } == 1000)
    }

    @Test func `the catalogue has what breaks importers`() {
        let names = items.map(\.name)
        #expect(names.contains { $0.contains("æ") } && names.contains { $0.contains("ø") })
        #expect(names.contains { $0.contains("🎁") || $0.contains("👷🏽‍♀️") || $0.contains("🇩🇰") })
        #expect(names.contains { $0.contains("\"") } && names.contains { $0.contains("'") })
        #expect(names.contains { $0.contains("\\") } && names.contains { $0.contains("<b>") })
        #expect(names.contains { $0.hasSuffix(" ") })
        #expect(names.contains { $0.count > 100 } && names.allSatisfy { $0.count <= 200 })
        let prices = items.flatMap(\.prices)
        for amount in ["0.005", "1e-7", "0"] { #expect(prices.contains { $0.amount == amount }) }
        #expect(prices.contains { $0.amount == nil })
        #expect(prices.contains { ($0.amount ?? "").split(separator: ".").last?.count == 6 })
        #expect(prices.contains { $0.currency == "" } && prices.contains { $0.currency == nil })
        let stock = items.flatMap(\.stock)
        #expect(stock.contains { $0.inStock < 0 } && stock.contains { $0.committed > max(0, $0.inStock) })
        #expect(stock.contains { $0.inStock % 1000 == 500 })
        #expect(items.contains { $0.updatedAt == nil })
    }
}

@Suite struct CatalogueOrderTests {
    private static let byUpdate = try? ItemOrder(parsing: "UpdateDate,UpdateTime,ItemCode")

    private func listed(_ catalogue: inout Catalogue, _ key: Catalogue.ListingKey) -> [String] {
        catalogue.rows(key).map { catalogue.item(at: $0).code }
    }

    /// Kept lists must be what a fresh sort gives, whatever comes, goes and changes.
    @Test(arguments: [UInt64(1), 2, 3])
    func `orders stay right under changes`(seed: UInt64) throws {
        var catalogue = Catalogue(CatalogueGenerator(seed: seed, priceLists: 1, warehouses: 1).makeItems(sellable: 150))
        let keys = [
            Catalogue.ListingKey(filter: .sellable, order: .byCode),
            Catalogue.ListingKey(filter: .everything, order: try #require(Self.byUpdate)),
            Catalogue.ListingKey(filter: .sellable, order: try ItemOrder(parsing: "ItemName desc,ItemCode")),
        ]
        for key in keys { _ = catalogue.rows(key) }
        var chance = ItemChance(seed: seed, number: 99)
        for step in 0..<300 {
            let codes = catalogue.items.compactMap { $0?.code }
            var item = try #require(catalogue[codes[chance.below(codes.count)]])
            switch chance.below(4) {
            case 0: catalogue.put(nil, code: item.code)
            case 1:
                item.code = "NEW\(step)"
                item.updatedAt = chance.below(2) == 0 ? nil : catalogue.updateTime(at: 0)
                catalogue.put(item, code: item.code)
            default:
                item.updatedAt = catalogue.updateTime(at: 0) + Int64(chance.below(2))
                item.isFrozen.toggle()
                item.name += "x"
                catalogue.put(item, code: item.code)
            }
        }
        var fresh = Catalogue(catalogue.items.compactMap { $0 })
        for key in keys { #expect(listed(&catalogue, key) == listed(&fresh, key)) }
        #expect(catalogue.count == fresh.count)
        #expect(catalogue.sellableCount == fresh.sellableCount)
    }

    @Test func `an edited item comes last by update`() throws {
        var catalogue = Catalogue(CatalogueGenerator(seed: 1, priceLists: 1, warehouses: 1).makeItems(sellable: 50))
        let key = Catalogue.ListingKey(filter: .everything, order: try #require(Self.byUpdate))
        var item = catalogue.item(at: catalogue.rows(key)[3])
        item.updatedAt = catalogue.updateTime(at: 0) + 1
        catalogue.put(item, code: item.code)
        #expect(listed(&catalogue, key).last == item.code)
    }

    @Test func `chosen items are sellable, as many as asked, and differ by purpose`() {
        var catalogue = Catalogue(CatalogueGenerator(seed: 1, priceLists: 1, warehouses: 1).makeItems(sellable: 500))
        let lost = catalogue.pick(17, .lost)
        #expect(lost.count == 17)
        #expect(lost == catalogue.pick(17, .lost))
        #expect(lost.allSatisfy { catalogue[$0]?.isSellable == true })
        #expect(lost.isDisjoint(with: catalogue.pick(17, .unreadable)))
    }
}
