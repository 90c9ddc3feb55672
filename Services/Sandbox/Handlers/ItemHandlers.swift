import CoreTypes
import RPC
import SandboxAPI

extension SandboxHandlers {
    func listItems(_ request: ListItems, _ context: CallContext) async throws -> ListItems.Response {
        let system = try serviceLayer(request.system)
        let limit = try limit(request.limit, default: 20)
        let (items, total) = system.listForPeople(
            after: request.after, limit: limit, lostOnly: request.lostOnly ?? false)
        return ListItems.Response(items: items.map { described($0, system) }, total: total)
    }

    func editItems(_ request: EditItems, _ context: CallContext) async throws -> EditItems.Response {
        let system = try serviceLayer(request.system)
        guard request.codes != nil || request.count != nil else { throw invalid("codes", "or count is needed") }
        if let count = request.count, !(1...100_000).contains(count) { throw invalid("count", "is 1 to 100,000") }
        let codes = try changing {
            try system.edit(
                request.codes, count: request.count ?? 0, price: try price(request.price),
                stock: try stock(request.stock))
        }
        await sandbox.save(system)
        return EditItems.Response(codes: codes)
    }

    func renameItem(_ request: RenameItem, _ context: CallContext) async throws -> RenameItem.Response {
        let system = try serviceLayer(request.system)
        guard request.newCode != nil || request.newName != nil else { throw invalid("newCode", "or newName is needed") }
        if let code = request.newCode { try check(code, "newCode", 1...50) }
        if let name = request.newName { try check(name, "newName", 1...200) }
        let item = try changing {
            try system.rename(request.code, newCode: request.newCode, newName: request.newName)
        }
        await sandbox.save(system)
        return RenameItem.Response(item: described(item, system))
    }

    func deleteItem(_ request: DeleteItem, _ context: CallContext) async throws -> DeleteItem.Response {
        let system = try serviceLayer(request.system)
        let deleted = system.delete(request.code)
        await sandbox.save(system)
        return DeleteItem.Response(deleted: deleted)
    }

    func addItem(_ request: AddItem, _ context: CallContext) async throws -> AddItem.Response {
        let system = try serviceLayer(request.system)
        try check(request.code, "code", 1...50)
        try check(request.name, "name", 1...200)
        let item = try changing {
            try system.add(
                request.code, name: request.name, price: try price(request.price) ?? "100",
                stock: try stock(request.stock) ?? 10_000)
        }
        await sandbox.save(system)
        return AddItem.Response(item: described(item, system))
    }

    // MARK: Parts

    private func changing<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch ServiceLayer.ChangeProblem.noSuchItem(let code) {
            throw ServiceError(.notFound, reason: "sandbox_item_not_found", arguments: ["item": code])
        } catch ServiceLayer.ChangeProblem.codeInUse(let code) {
            throw ServiceError(.alreadyExists, reason: "sandbox_item_exists", arguments: ["item": code])
        }
    }

    private func check(_ text: String, _ field: String, _ length: ClosedRange<Int>) throws {
        guard length.contains(text.count), text.utf8.allSatisfy({ $0 >= 0x20 }) else {
            throw invalid(field, "has \(length.lowerBound) to \(length.upperBound) characters")
        }
    }

    private func price(_ text: String?) throws -> String? {
        guard let text else { return nil }
        guard ExactDecimal(text) != nil else { throw invalid("price", "is no number") }
        return text
    }

    private func stock(_ text: String?) throws -> Int64? {
        guard let text else { return nil }
        guard let value = thousandths(text) else { throw invalid("stock", "is no number with up to three decimals") }
        return value
    }

    private func described(_ item: Item, _ system: ServiceLayer) -> SandboxItem {
        let prices = item.prices.enumerated().compactMap { index, price in
            price.amount.map { (String(index + 1), $0) }
        }
        let stock = zip(system.settings.warehouses, item.stock).map { ($0, quantityText($1.inStock)) }
        return SandboxItem(
            code: item.code, name: item.name, sellable: item.isSellable,
            prices: Dictionary(uniqueKeysWithValues: prices), stock: Dictionary(uniqueKeysWithValues: stock),
            updatedAt: item.updatedAt.map { Instant(seconds: $0) })
    }
}
