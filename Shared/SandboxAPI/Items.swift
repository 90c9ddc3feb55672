public import CoreTypes
public import RPC

/// An item of a simulated SAP Business One, as lists for people show it.
public struct SandboxItem: Codable, Sendable, Equatable {
    public var code: String
    public var name: String
    /// For sale, valid and not frozen.
    public var sellable: Bool
    /// Price list number → price as the system writes it; a list without a price is left out.
    public var prices: [String: String]
    /// Warehouse code → counted stock.
    public var stock: [String: String]
    public var updatedAt: Instant?

    public init(
        code: String, name: String, sellable: Bool, prices: [String: String], stock: [String: String],
        updatedAt: Instant?
    ) {
        self.code = code
        self.name = name
        self.sellable = sellable
        self.prices = prices
        self.stock = stock
        self.updatedAt = updatedAt
    }

    public static var example: SandboxItem {
        SandboxItem(
            code: "A100042", name: "Skruetrækker, rød 120 mm", sellable: true, prices: ["1": "49.95", "2": "39.96"],
            stock: ["01": "12", "02": "-3.5"], updatedAt: Instant(seconds: 1_772_431_200))
    }
}

public struct ListItems: RPCRequest {
    public static let method: MethodName = "sandbox.listItems"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition, .invalidArgument]
    public static let summary = "Shows items of a simulated SAP Business One in the order of their codes."
    public static let callers = Callers.operators

    public var system: String
    /// Only codes after this one.
    public var after: String?
    /// 1 to 500, default 20.
    public var limit: Int?
    /// Only those that loseItems hides at present.
    public var lostOnly: Bool?

    public init(system: String, after: String? = nil, limit: Int? = nil, lostOnly: Bool? = nil) {
        self.system = system
        self.after = after
        self.limit = limit
        self.lostOnly = lostOnly
    }

    public struct Response: Codable, Sendable, Equatable {
        public var items: [SandboxItem]
        /// Of all kinds, sellable or not.
        public var total: Int

        public init(items: [SandboxItem], total: Int) {
            self.items = items
            self.total = total
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(system: "demo-sap", limit: 1), Response(items: [.example], total: 51_000))
    }
}

/// Edits items: their update time becomes now, and a new price or stock may be set.
public struct EditItems: RPCRequest {
    public static let method: MethodName = "sandbox.editItems"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition, .invalidArgument]
    public static let summary = "Edits named items, or some chosen by number, of a simulated SAP Business One."
    public static let callers = Callers.operators

    public var system: String
    /// The items to edit; without them `count` sellable ones, evenly spread, are chosen.
    public var codes: [String]?
    public var count: Int?
    /// The new price in the first price list, as JSON writes numbers; without it a price other than the old is made up.
    public var price: String?
    /// The new counted stock in the first warehouse.
    public var stock: String?

    public init(
        system: String, codes: [String]? = nil, count: Int? = nil, price: String? = nil, stock: String? = nil
    ) {
        self.system = system
        self.codes = codes
        self.count = count
        self.price = price
        self.stock = stock
    }

    public struct Response: Codable, Sendable, Equatable {
        public var codes: [String]
        public init(codes: [String]) { self.codes = codes }
    }

    public static var example: (request: Self, response: Response) {
        (Self(system: "demo-sap", codes: ["A100042"], price: "54.5"), Response(codes: ["A100042"]))
    }
}

/// Gives an item a new code (to the reader: the old one is gone and another has come), a new name, or both.
public struct RenameItem: RPCRequest {
    public static let method: MethodName = "sandbox.renameItem"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition, .invalidArgument, .alreadyExists]
    public static let summary = "Gives an item of a simulated SAP Business One a new code or name."
    public static let callers = Callers.operators

    public var system: String
    public var code: String
    public var newCode: String?
    public var newName: String?

    public init(system: String, code: String, newCode: String? = nil, newName: String? = nil) {
        self.system = system
        self.code = code
        self.newCode = newCode
        self.newName = newName
    }

    public struct Response: Codable, Sendable, Equatable {
        public var item: SandboxItem
        public init(item: SandboxItem) { self.item = item }
    }

    public static var example: (request: Self, response: Response) {
        (Self(system: "demo-sap", code: "A1", newCode: "A100042"), Response(item: .example))
    }
}

public struct DeleteItem: RPCRequest {
    public static let method: MethodName = "sandbox.deleteItem"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition]
    public static let summary = "Deletes an item of a simulated SAP Business One; one that is gone is no error."
    public static let callers = Callers.operators

    public var system: String
    public var code: String

    public init(system: String, code: String) {
        self.system = system
        self.code = code
    }

    public struct Response: Codable, Sendable, Equatable {
        public var deleted: Bool
        public init(deleted: Bool) { self.deleted = deleted }
    }

    public static var example: (request: Self, response: Response) {
        (Self(system: "demo-sap", code: "A100042"), Response(deleted: true))
    }
}

public struct AddItem: RPCRequest {
    public static let method: MethodName = "sandbox.addItem"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.notFound, .failedPrecondition, .invalidArgument, .alreadyExists]
    public static let summary = "Adds a sellable item to a simulated SAP Business One."
    public static let callers = Callers.operators

    public var system: String
    /// 1 to 50 characters.
    public var code: String
    /// 1 to 200 characters.
    public var name: String
    /// In the first price list, as JSON writes numbers; default 100.
    public var price: String?
    /// Counted in the first warehouse; default 10.
    public var stock: String?

    public init(system: String, code: String, name: String, price: String? = nil, stock: String? = nil) {
        self.system = system
        self.code = code
        self.name = name
        self.price = price
        self.stock = stock
    }

    public struct Response: Codable, Sendable, Equatable {
        public var item: SandboxItem
        public init(item: SandboxItem) { self.item = item }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(system: "demo-sap", code: "A100042", name: "Skruetrækker, rød 120 mm", price: "49.95", stock: "12"),
            Response(item: .example)
        )
    }
}
