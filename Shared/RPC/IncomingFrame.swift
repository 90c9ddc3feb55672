public import CoreTypes
public import JSON

/// What a client reads: the text of one frame from its server.
public enum IncomingFrame {
    case result(id: Int64, JSONNode)
    /// The id is nil when the server could not say which call it is about.
    case failure(id: Int64?, ServiceError)
    /// Items of a stream, an array.
    case items(id: Int64, JSONNode)
    case hello(ServerHello)
    /// The server will close soon: new calls go to another connection.
    case drain
    /// A notification that this build does not know, from a newer server.
    case ignored(method: String)

    /// Reads one frame and hands it to `body`; nodes are valid only inside.
    ///
    /// - Throws: ``JSONError`` for a text that is no JSON or no answer of JSON-RPC; the connection is of no use then.
    public static func scan<Result>(
        _ json: UnsafeRawBufferPointer, _ body: (IncomingFrame) throws -> Result
    ) throws -> Result {
        try JSON.scan(json) { try body(IncomingFrame($0)) }
    }

    private init(_ node: JSONNode) throws(JSONError) {
        guard node["jsonrpc"]?.equals("2.0") == true else { throw Self.fault("jsonrpc") }
        if let result = node["result"] {
            self = .result(id: try Self.id(node), result)
        } else if let error = node["error"] {
            self = .failure(id: node["id"]?.int64, try error.decode(ErrorObject.self).serviceError)
        } else if let method = node["method"] {
            self = try Self.notification(method, node["params"])
        } else {
            throw Self.fault("result")
        }
    }

    private static func notification(_ method: JSONNode, _ params: JSONNode?) throws(JSONError) -> IncomingFrame {
        if method.equals("rpc.stream") {
            guard let params, let items = params["items"], items.kind == .array else { throw fault("params.items") }
            return .items(id: try id(params), items)
        }
        if method.equals("rpc.hello"), let params { return .hello(try params.decode(ServerHello.self)) }
        if method.equals("rpc.drain") { return .drain }
        return .ignored(method: method.string ?? "")
    }

    private static func id(_ node: JSONNode) throws(JSONError) -> Int64 {
        guard let id = node["id"]?.int64 else { throw fault("id") }
        return id
    }

    private static func fault(_ path: String) -> JSONError {
        JSONError(path: path, offset: 0, problem: "is missing or of another kind", isMalformed: false)
    }
}

extension JSONNode {
    /// What the items of a stream frame count against the stream's credit: their texts and one byte each.
    public var streamBytes: Int { elementCount == 0 ? 0 : rawBytes.count - 1 }
}

/// The error object of JSON-RPC as any server may send it.
private struct ErrorObject: Decodable {
    var code: Int
    var message: String
    var data: Details?

    struct Details: Decodable {
        var status: String?
        var reason: String?
        var arguments: [String: String]?
        var retryAfterMs: Int64?
        var requestId: String?
        var references: [String: String]?
    }

    var serviceError: ServiceError {
        var references = data?.references ?? [:]
        references["request"] = references["request"] ?? data?.requestId
        return ServiceError(
            data?.status.flatMap(StatusCode.init(name:)) ?? status, reason: data?.reason ?? "remote_error",
            arguments: data?.arguments ?? ["message": message], references: references,
            retryAfterMs: data?.retryAfterMs)
    }

    private var status: StatusCode {
        ProtocolFault(rawValue: code)?.status ?? StatusCode(rawValue: code) ?? .unknown
    }
}
