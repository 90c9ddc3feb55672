public import JSON
import CoreTypes

/// Describes requests as OpenRPC, from their declarations alone.
public enum OpenRPC {
    public static let version = "1.3.2"

    /// - Throws: ``SchemaError`` for a request whose types have no schema, `EncodingError` for an example that cannot be
    ///   written.
    public static func document(service: String, requests: [any RPCRequest.Type]) throws -> JSONValue {
        var names = SchemaNames()
        var methods: [JSONValue] = []
        for request in requests { methods.append(try method(request, &names)) }
        guard names.ambiguous.isEmpty else {
            throw SchemaError(description: "two types are called \(names.ambiguous.sorted().joined(separator: ", "))")
        }
        return [
            "openrpc": .string(version),
            "info": ["title": .string(service), "version": .string("\(ServerHello.version)")],
            "methods": .array(methods),
            "components": ["schemas": names.components],
            "x-commonErrors": .array(Router.commonFailures.map(error)),
        ]
    }

    private static func method<R: RPCRequest>(_ request: R.Type, _ names: inout SchemaNames) throws -> JSONValue {
        let example = R.example
        let params = try Schema.of(R.self)
        let result = names.json(of: try Schema.of(R.Response.self))
        var members: [(key: String, value: JSONValue)] = [
            ("name", .string(R.method.rawValue)),
            ("summary", .string(R.summary)),
            ("paramStructure", "by-name"),
            ("params", .array(parameters(params, &names))),
            ("result", ["name": "result", "schema": result]),
            ("errors", .array(R.failures.map(error))),
            ("examples", [try pairing(R.method, value(example.request), value(example.response))]),
            ("x-effect", .string(R.effect.rawValue)),
            ("x-callers", callers(R.callers)),
        ]
        if let stream = request as? any RPCStreamRequest.Type {
            members.append(("x-stream", try items(of: stream, &names)))
        }
        return .object(members)
    }

    private static func items<R: RPCStreamRequest>(of _: R.Type, _ names: inout SchemaNames) throws -> JSONValue {
        ["item": names.json(of: try Schema.of(R.Item.self)), "example": try value(R.exampleItem)]
    }

    private static func parameters(_ schema: Schema, _ names: inout SchemaNames) -> [JSONValue] {
        guard case .object(let properties) = schema else { return [] }
        var parameters: [JSONValue] = []
        for property in properties {
            var members: [(key: String, value: JSONValue)] = [("name", .string(property.name))]
            if property.isRequired { members.append(("required", true)) }
            members.append(("schema", names.json(of: property.schema)))
            parameters.append(.object(members))
        }
        return parameters
    }

    private static func pairing(_ method: MethodName, _ request: JSONValue, _ response: JSONValue) throws -> JSONValue {
        var params: [JSONValue] = []
        if case .object(let members) = request {
            params = members.map { ["name": .string($0.key), "value": $0.value] }
        }
        return [
            "name": .string(method.rawValue), "params": .array(params),
            "result": ["name": "result", "value": response],
        ]
    }

    private static func error(_ code: StatusCode) -> JSONValue {
        ["code": .integer(code.rawValue), "message": .string(code.name)]
    }

    private static func callers(_ callers: Callers) -> JSONValue {
        if callers == .everybody { return ["everybody": true] }
        return [
            "operators": .bool(callers.operators), "services": .array(callers.services.sorted().map(JSONValue.string)),
        ]
    }

    private static func value(_ value: some Encodable) throws -> JSONValue {
        do {
            return try JSON.decode(JSONValue.self, from: JSON.encode(value))
        } catch let error as JSONError {
            throw SchemaError(description: "an example is no JSON: \(error)")
        }
    }
}
