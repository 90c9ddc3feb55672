import CoreTypes
import RPC

/// Adds up; for the importer and people.
struct Add: RPCRequest {
    static let method: MethodName = "test.add"
    static let effect = Effect.read
    static let failures: [StatusCode] = [.outOfRange]
    static let summary = "Adds numbers."
    static let callers = Callers.operatorsAndServices("importer")

    var numbers: [Int]

    struct Response: Codable, Sendable, Equatable { var sum: Int }

    static var example: (request: Self, response: Response) { (Self(numbers: [1, 2]), Response(sum: 3)) }

    @Sendable static func handle(_ request: Self, _: CallContext) async throws -> Response {
        Response(sum: request.numbers.reduce(0, +))
    }
}

/// Creates something that must not be created twice.
struct Create: RPCRequest {
    static let method: MethodName = "test.create"
    static let effect = Effect.once
    static let failures: [StatusCode] = [.failedPrecondition]
    static let summary = "Creates a thing."
    static let callers = Callers.services("importer", "billing")

    var name: String

    struct Response: Codable, Sendable, Equatable { var number: Int }

    static var example: (request: Self, response: Response) { (Self(name: "a"), Response(number: 1)) }
}

/// Sends one number and goes on until it is stopped.
struct Follow: RPCStreamRequest {
    static let method: MethodName = "test.follow"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Sends a number, and then waits for ever."
    static let callers = Callers.services("importer")
    static let isWatch = true

    typealias Item = CountUp.Item
    typealias Response = CountUp.Response

    static var example: (request: Self, response: Response) { (Self(), Response(sent: 1)) }
    static var exampleItem: Item { Item(number: 1) }

    @Sendable static func handle(_: Self, _: CallContext, _ writer: StreamWriter<Item>) async throws -> Response {
        try await writer.send(Item(number: 1))
        try await Task.sleep(for: .seconds(3600))
        throw CancellationError()
    }
}

/// Counts from 1.
struct CountUp: RPCStreamRequest {
    static let method: MethodName = "test.countUp"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Sends the numbers from 1."
    static let callers = Callers.services("importer")

    var upTo: Int

    struct Item: Codable, Sendable, Equatable { var number: Int }
    struct Response: Codable, Sendable, Equatable { var sent: Int }

    static var example: (request: Self, response: Response) { (Self(upTo: 2), Response(sent: 2)) }
    static var exampleItem: Item { Item(number: 1) }

    @Sendable static func handle(_ request: Self, _: CallContext, _ writer: StreamWriter<Item>) async throws -> Response
    {
        for number in 0..<request.upTo { try await writer.send(Item(number: number + 1)) }
        return Response(sent: request.upTo)
    }
}
