import CoreTypes
import RPC

struct Say: RPCRequest {
    static let method: MethodName = "fuzz.say"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Says the text again."
    static let callers = Callers.services("importer")
    static let example = (request: Say(text: "a"), response: Response(text: "a"))

    var text: String

    struct Response: Codable, Sendable, Equatable { var text: String }
}

/// Takes a value of every shape that requests have.
struct TakeAll: RPCRequest {
    static let method: MethodName = "fuzz.takeAll"
    static let effect = Effect.once
    static let failures: [StatusCode] = []
    static let summary = "Gives the value back."
    static let callers = Callers.services("importer")
    static let example = (request: TakeAll(all: AllShapes()), response: Response(all: AllShapes()))

    var all: AllShapes

    struct Response: Codable, Sendable, Equatable { var all: AllShapes }
}

struct Count: RPCStreamRequest {
    static let method: MethodName = "fuzz.count"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Counts."
    static let callers = Callers.services("importer")
    static let example = (request: Count(to: 1), response: Response())
    static let exampleItem = Item(number: 0)

    var to: Int

    struct Item: Codable, Sendable, Equatable { var number: Int }
    struct Response: Codable, Sendable, Equatable {}
}

struct Forbidden: RPCRequest {
    static let method: MethodName = "fuzz.forbidden"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "For others."
    static let callers = Callers.operatorsAndServices("billing")
    static let example = (request: Forbidden(), response: Response())

    struct Response: Codable, Sendable, Equatable {}
}

/// Every shape that Codable types have.
struct AllShapes: Codable, Sendable, Equatable {
    enum Colour: String, Codable, Sendable { case red, green, blue }

    enum Choice: Codable, Sendable, Equatable {
        case nothing
        case text(String)
        case pair(first: Int, second: Bool)
    }

    final class Part: Codable, Sendable, Equatable {
        let name: String
        let part: Part?

        static func == (left: Part, right: Part) -> Bool { left.name == right.name && left.part == right.part }
    }

    var text: String?
    var flag: Bool?
    var whole: Int?
    var small: Int8?
    var unsigned: UInt64?
    var short: UInt16?
    var number: Double?
    var single: Float?
    var texts: [String]?
    var table: [[Int?]]?
    var byName: [String: AllShapes]?
    var byNumber: [Int: String]?
    var colour: Colour?
    var choice: Choice?
    var part: Part?
    var instant: Instant?
}
