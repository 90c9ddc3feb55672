import CoreTypes
import JSON

/// The id of a call as its sender wrote it, to be sent back byte for byte.
enum CallID: Hashable, Sendable {
    case number(Int64)
    /// A string with its quotes, or a number that is not whole.
    case text(String)
    case null

    init?(_ node: JSONNode) {
        switch node.kind {
        case .number:
            if let number = node.int64, number != 0 || node.rawBytes.count == 1 {
                self = .number(number)
            } else {
                self = .text(String(decoding: node.rawBytes, as: UTF8.self))
            }
        case .string: self = .text(String(decoding: node.rawBytes, as: UTF8.self))
        case .null: self = .null
        default: return nil
        }
    }

    func write(to writer: JSONWriter) {
        switch self {
        case .number(let number): writer.append(integer: number)
        case .text(var text): text.withUTF8 { writer.append(raw: UnsafeRawBufferPointer($0)) }
        case .null: writer.append(raw: "null")
        }
    }
}

/// One request or notification as it came: read once, its parameters not yet decoded.
struct Envelope {
    /// nil for a notification, which is never answered.
    var id: CallID?
    var method: UnsafeBufferPointer<UInt8>
    var params: JSONNode?
    var meta: CallMeta

    /// Reads the members that JSON-RPC and `meta` name; others are ignored.
    ///
    /// Calls `body` while the method's name can be pointed at.
    /// - Throws: ``EnvelopeFault`` with the id, if there is a readable one, so that the refusal can carry it.
    static func read<Result>(_ node: JSONNode, _ body: (Envelope) throws -> Result) throws -> Result {
        guard node.kind == .object else { throw EnvelopeFault(id: .null, argument: "request") }
        let idNode = node["id"]
        let id = idNode.flatMap(CallID.init)
        let faultID = id ?? .null
        guard idNode == nil || id != nil else { throw EnvelopeFault(id: .null, argument: "id") }
        guard node["jsonrpc"]?.equals("2.0") == true else { throw EnvelopeFault(id: faultID, argument: "jsonrpc") }
        guard let method = node["method"], method.kind == .string else {
            throw EnvelopeFault(id: faultID, argument: "method")
        }
        let params = node.present("params")
        if let params, params.kind != .object, params.kind != .array {
            throw EnvelopeFault(id: faultID, argument: "params")
        }
        let meta: CallMeta
        do {
            meta = try node.present("meta").map(CallMeta.init) ?? CallMeta()
        } catch {
            throw EnvelopeFault(id: faultID, argument: error.path.isEmpty ? "meta" : "meta.\(error.path)")
        }
        if let name = method.plainStringBytes {
            return try body(Envelope(id: id, method: name, params: params, meta: meta))
        }
        var name = method.string ?? ""
        return try name.withUTF8 { try body(Envelope(id: id, method: $0, params: params, meta: meta)) }
    }
}

/// A message that is no request: what of it is wrong.
struct EnvelopeFault: Error {
    var id: CallID
    var argument: String
}

/// What a caller says beside the parameters.
struct CallMeta {
    var deadlineMs: Int64?
    var idempotencyKey: String?
    var traceparent: Traceparent?
    var language: Language?
    var endUser: String?

    static let idempotencyKeyBytesMax = 200

    init() {}

    /// - Throws: when a member that is understood has another shape. Members that are not understood are skipped.
    init(_ node: JSONNode) throws(JSONError) {
        guard node.kind == .object else {
            throw JSONError(path: "", offset: 0, problem: "expected an object", isMalformed: false)
        }
        deadlineMs = try Self.member("deadlineMs", node["deadlineMs"], \.int64)
        idempotencyKey = try Self.member("idempotencyKey", node["idempotencyKey"], \.string)
        traceparent = try Self.member("traceparent", node["traceparent"]) { $0.string.flatMap(Traceparent.init) }
        // A language this build has no words in is no reason to refuse a call.
        language = try Self.member("language", node["language"]) { node in
            node.string.map { Language(rawValue: $0) ?? .english }
        }
        endUser = try Self.member("endUser", node["endUser"], \.string)
        if let key = idempotencyKey, key.isEmpty || key.utf8.count > Self.idempotencyKeyBytesMax {
            throw JSONError(path: "idempotencyKey", offset: 0, problem: "expected 1 to 200 bytes", isMalformed: false)
        }
    }

    private static func member<T>(
        _ name: String, _ node: JSONNode?, _ read: (JSONNode) -> T?
    ) throws(JSONError) -> T? {
        guard let node, node.kind != .null else { return nil }
        guard let value = read(node) else {
            throw JSONError(path: name, offset: 0, problem: "is of another kind", isMalformed: false)
        }
        return value
    }
}

extension JSONNode {
    /// A member, unless it is null, which means the same as nothing.
    func present(_ name: StaticString) -> JSONNode? { self[name].flatMap { $0.kind == .null ? nil : $0 } }

    /// Whether this is a string that reads `text`.
    func equals(_ text: StaticString) -> Bool {
        guard let bytes = plainStringBytes else { return string.map { $0 == "\(text)" } ?? false }
        return bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
