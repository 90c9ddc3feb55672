import CoreTypes
import RPC

/// The call that is measured: 124 bytes to ask and 125 to answer, with ids and numbers of six digits.
struct FindStock: RPCRequest {
    static let method: MethodName = "stock.find"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Finds one item."
    static let callers = Callers.everybody

    /// Counted up, so that each answer can be told from the others.
    var call: Int
    var item = "A100421789"

    struct Response: Codable, Sendable, Equatable {
        var call: Int
        var name: String
        var barcode: String
        var stock: String
    }

    static let example = (request: FindStock(call: 1), response: answer(to: 1))

    static func answer(to call: Int) -> Response {
        Response(call: call, name: "Cable 3 m, black", barcode: "5701234567899", stock: "12.50000")
    }
}

/// The stream that is measured: as many items as asked for, some 115 bytes each.
struct ListStock: RPCStreamRequest {
    static let method: MethodName = "stock.list"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Lists items."
    static let callers = Callers.everybody

    var count: Int

    struct Item: Codable, Sendable, Equatable {
        var number: Int
        var item = "A10042"
        var name = "Cable 3 m, black"
        var barcode = "5701234567899"
        var stock = "12.5"
        var price = "149.95"
    }

    struct Response: Codable, Sendable, Equatable {
        var listed: Int
    }

    static let example = (request: ListStock(count: 1), response: Response(listed: 1))
    static let exampleItem = Item(number: 1)
}
