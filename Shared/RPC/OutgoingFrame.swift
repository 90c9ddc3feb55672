public import CoreTypes
public import JSON

/// What a client writes: the texts of its frames.
public enum OutgoingFrame {
    /// - Parameters:
    ///   - deadlineMs: What is left of the caller's deadline when the frame leaves.
    ///   - writer: Holds the frame's text and nothing else afterwards.
    /// - Throws: `internal` for a request that cannot be written as JSON.
    public static func request<R: RPCRequest>(
        _ request: R, id: Int64, options: CallOptions, deadlineMs: Int64, into writer: JSONWriter
    ) throws(ServiceError) {
        begin(R.method.rawValue, id: id, writer)
        do {
            try writer.append(value: request)
        } catch {
            throw ServiceError(.internal, reason: "request_not_writable", arguments: ["method": R.method.rawValue])
        }
        end(options, deadlineMs, writer)
    }

    /// Any method by its name, as the command line calls it.
    ///
    /// - Throws: `invalidArgument` for parameters that are no JSON.
    public static func rawRequest(
        method: String, params: JSONValue?, id: Int64, options: CallOptions, deadlineMs: Int64,
        into writer: JSONWriter
    ) throws(ServiceError) {
        begin(method, id: id, writer)
        do {
            try writer.append(value: params ?? .object([]))
        } catch {
            throw ServiceError(.invalidArgument, reason: "invalid_params", arguments: ["problem": "\(error)"])
        }
        end(options, deadlineMs, writer)
    }

    /// Tells the server that nobody waits for this call any longer.
    public static func cancel(id: Int64, into writer: JSONWriter) {
        writer.removeAll()
        writer.append(raw: #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":"#)
        writer.append(integer: id)
        writer.append(raw: "}}")
    }

    /// Lets a stream send this many bytes of items more.
    public static func credit(id: Int64, bytes: Int, into writer: JSONWriter) {
        writer.removeAll()
        writer.append(raw: #"{"jsonrpc":"2.0","method":"rpc.credit","params":{"id":"#)
        writer.append(integer: id)
        writer.append(raw: #","bytes":"#)
        writer.append(integer: bytes)
        writer.append(raw: "}}")
    }

    public static func ping(id: Int64, into writer: JSONWriter) {
        begin(Ping.method.rawValue, id: id, writer)
        writer.append(raw: "{}}")
    }

    public static func hello(_ hello: ClientHello, id: Int64, into writer: JSONWriter) throws(ServiceError) {
        try request(hello, id: id, options: CallOptions(), deadlineMs: 10_000, into: writer)
    }

    private static func begin(_ method: String, id: Int64, _ writer: JSONWriter) {
        writer.removeAll()
        writer.append(raw: #"{"jsonrpc":"2.0","id":"#)
        writer.append(integer: id)
        writer.append(raw: #","method":"#)
        writer.append(string: method)
        writer.append(raw: #","params":"#)
    }

    private static func end(_ options: CallOptions, _ deadlineMs: Int64, _ writer: JSONWriter) {
        writer.append(raw: #","meta":{"deadlineMs":"#)
        writer.append(integer: deadlineMs)
        append(options.idempotencyKey, #","idempotencyKey":"#, writer)
        append(options.traceparent?.rawValue, #","traceparent":"#, writer)
        // English is what a server answers in unless asked.
        append(options.language == .english ? nil : options.language.rawValue, #","language":"#, writer)
        append(options.endUser, #","endUser":"#, writer)
        writer.append(raw: "}}")
    }

    private static func append(_ text: String?, _ name: StaticString, _ writer: JSONWriter) {
        guard let text else { return }
        writer.append(raw: name)
        writer.append(string: text)
    }
}
