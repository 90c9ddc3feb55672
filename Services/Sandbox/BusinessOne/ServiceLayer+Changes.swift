import CoreTypes
import SandboxAPI
import ServiceRuntime
import Synchronization

/// Items that come, change and go: on order of a person, or of a fault between two pages.
extension ServiceLayer {
    private var nowInSeconds: Int64 { environment.wallClock.now().milliseconds / 1000 }

    /// What is not stored yet; nil for deleted items. Asking empties the list.
    func takeUnsaved() -> [(code: String, item: Item?)] {
        state.withLock { state in
            defer { state.unsaved = [] }
            return state.unsaved.sorted().map { ($0, state.catalogue[$0]) }
        }
    }

    var sellableCount: Int { state.withLock { $0.catalogue.sellableCount } }

    /// Items in the order of their codes.
    func listForPeople(after code: String?, limit: Int, lostOnly: Bool) -> (items: [Item], total: Int) {
        state.withLock { state in
            let rows = state.catalogue.rows(Catalogue.ListingKey(filter: .everything, order: .byCode))
            let first = code.map { state.catalogue.firstPosition(after: $0, orEqual: false, in: rows) } ?? 0
            let lost = lostOnly ? state.catalogue.pick(faults.peek(.loseItems)?.count ?? 0, .lost) : []
            var items: [Item] = []
            for row in rows[first...] where items.count < limit {
                let item = state.catalogue.item(at: row)
                if !lostOnly || lost.contains(item.code) { items.append(item) }
            }
            return (items, state.catalogue.count)
        }
    }

    // MARK: On order of a person

    enum ChangeProblem: Error, Equatable {
        case noSuchItem(String)
        case codeInUse(String)
    }

    /// - Parameter codes: nil lets `count` sellable items be chosen.
    func edit(_ codes: [String]?, count: Int, price: String?, stock: Int64?) throws -> [String] {
        try state.withLock { state in
            let codes = codes ?? state.catalogue.pick(count, .edited).sorted()
            for code in codes where state.catalogue[code] == nil { throw ChangeProblem.noSuchItem(code) }
            for code in codes { edit(code, price: price, stock: stock, &state) }
            return codes
        }
    }

    func rename(_ code: String, newCode: String?, newName: String?) throws -> Item {
        try state.withLock { state in
            guard var item = state.catalogue[code] else { throw ChangeProblem.noSuchItem(code) }
            if let newCode, newCode != code {
                guard state.catalogue[newCode] == nil else { throw ChangeProblem.codeInUse(newCode) }
                put(nil, code: code, &state)
                item.code = newCode
            }
            if let newName { item.name = newName }
            touch(&item, state.catalogue)
            put(item, code: item.code, &state)
            return item
        }
    }

    /// - Returns: false when there is no such item.
    func delete(_ code: String) -> Bool {
        state.withLock { state in
            guard state.catalogue[code] != nil else { return false }
            put(nil, code: code, &state)
            return true
        }
    }

    func add(_ code: String, name: String, price: String, stock: Int64) throws -> Item {
        try state.withLock { state in
            guard state.catalogue[code] == nil else { throw ChangeProblem.codeInUse(code) }
            let time = state.catalogue.updateTime(at: nowInSeconds)
            let item = newItem(code, name: name, price: price, stock: stock, createdAt: time, updatedAt: time)
            put(item, code: code, &state)
            return item
        }
    }

    // MARK: On order of a fault

    /// - Parameter read: The rows of the listing up to the end of this page.
    func changeWhileReading(page: Int, read: ArraySlice<Catalogue.Row>, order: ItemOrder, _ state: inout State) {
        if let fault = faults.occur(.moveItemsWhileReading, if: { $0.page == page }) {
            for code in codes(read.prefix(fault.count ?? 1), state) { edit(code, price: nil, stock: nil, &state) }
        }
        if let fault = faults.occur(.deleteWhileReading, if: { $0.page == page }) {
            for code in codes(read.prefix(fault.count ?? 1), state) { put(nil, code: code, &state) }
        }
        if let fault = faults.occur(.insertWhileReading, if: { $0.page == page }) {
            insertBeforeAll(fault.count ?? 1, order, &state)
        }
        if let fault = faults.occur(.insertAndDeleteWhileReading, if: { $0.page == page }) {
            for code in codes(read.prefix(fault.count ?? 1), state) { put(nil, code: code, &state) }
            insertBeforeAll(fault.count ?? 1, order, &state)
        }
    }

    private func codes(_ rows: some Sequence<Catalogue.Row>, _ state: State) -> [String] {
        rows.map { state.catalogue.item(at: $0).code }
    }

    /// New items sort before all others: by code they begin with a digit, and where the last update orders them they
    /// have none yet, as fresh rows have.
    private func insertBeforeAll(_ count: Int, _ order: ItemOrder, _ state: inout State) {
        for _ in 0..<count {
            let code = "0NEW\(1_000_000 + state.catalogue.items.count)"
            let time = state.catalogue.updateTime(at: nowInSeconds)
            let item = newItem(
                code, name: "Nyhed \(code)", price: "100", stock: 10_000, createdAt: time,
                updatedAt: order.isByUpdate ? nil : time)
            put(item, code: code, &state)
        }
    }

    // MARK: Parts

    private func put(_ item: Item?, code: String, _ state: inout State) {
        state.catalogue.put(item, code: code)
        state.unsaved.insert(code)
    }

    private func edit(_ code: String, price: String?, stock: Int64?, _ state: inout State) {
        guard var item = state.catalogue[code] else { return }
        if !item.prices.isEmpty { item.prices[0].amount = price ?? otherPrice(than: item.prices[0].amount) }
        if let stock, !item.stock.isEmpty { item.stock[0].inStock = stock }
        touch(&item, state.catalogue)
        put(item, code: code, &state)
    }

    private func touch(_ item: inout Item, _ catalogue: Catalogue) {
        item.updatedAt = catalogue.updateTime(at: nowInSeconds)
        item.version += 1
    }

    private func otherPrice(than old: String?) -> String {
        let price = "\(50 + environment.randomness.next() % 900).5"
        return price == old ? "49.5" : price
    }

    private func newItem(
        _ code: String, name: String, price: String, stock: Int64, createdAt: Int64, updatedAt: Int64?
    ) -> Item {
        let none = Item.Stock(inStock: 0, committed: 0, ordered: 0)
        let first = Item.Stock(inStock: stock, committed: 0, ordered: 0)
        return Item(
            code: code, name: name, foreignName: nil, barcode: nil, group: 100, unit: "stk", taxCode: "S1",
            isForSale: true, isValid: true, isFrozen: false,
            prices: (0..<settings.generator.priceLists).map { _ in Item.Price(amount: price, currency: "DKK") },
            stock: settings.warehouses.indices.map { $0 == 0 ? first : none }, createdAt: createdAt,
            updatedAt: updatedAt, version: 1)
    }
}
