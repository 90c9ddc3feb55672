public import JSON
import CoreTypes

/// Describes requests as OpenRPC, from their declarations alone.
public enum OpenRPC {
    public static let version = "1.3.2"

    /// - Throws: ``SchemaError`` for a request whose types have no schema, `EncodingError` for an example that cannot be
    ///   written.
    public static func document(service: String, requests: [any RPCRequest.Type]) throws -> JSONValue {
        [
            "openrpc": .string(version),
            "info": ["title": .string(service), "version": .string("\(ServerHello.version)")],
            "methods": .array(try requests.map { try method($0) }),
            "x-commonErrors": .array(Router.commonFailures.map(error)),
        ]
    }

    static func method<R: RPCRequest>(_ request: R.Type) throws -> JSONValue {
        let example = R.example
        let params = try Schema.of(R.self)
        var members: [(key: String, value: JSONValue)] = [
            ("name", .string(R.method.rawValue)),
            ("summary", .string(R.summary)),
            ("paramStructure", "by-name"),
            ("params", .array(parameters(params))),
            ("result", ["name": "result", "schema": try Schema.of(R.Response.self).json]),
            ("errors", .array(R.failures.map(error))),
            ("examples", [try pairing(R.method, value(example.request), value(example.response))]),
            ("x-effect", .string(R.effect.rawValue)),
            ("x-callers", callers(R.callers)),
        ]
        if let stream = request as? any RPCStreamRequest.Type { members.append(("x-stream", try items(of: stream))) }
        return .object(members)
    }

    private static func items<R: RPCStreamRequest>(of request: R.Type) throws -> JSONValue {
        ["item": try Schema.of(R.Item.self).json, "example": try value(R.exampleItem)]
    }

    private static func parameters(_ schema: Schema) -> [JSONValue] {
        guard case .object(let properties) = schema else { return [] }
        return properties.map { property in
            var members: [(key: String, value: JSONValue)] = [("name", .string(property.name))]
            if property.isRequired { members.append(("required", true)) }
            members.append(("schema", property.schema.json))
            return .object(members)
        }
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
