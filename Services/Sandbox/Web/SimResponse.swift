/// What a simulated system answers, and how far the answer gets.
public struct SimResponse: Sendable {
    public enum Delivery: Sendable, Equatable {
        case complete
        /// The head and this many bytes of the body, then the connection is cut.
        case cutAfter(bytes: Int)
        /// The connection is cut without an answer.
        case cutAtOnce
        /// Nothing ever comes.
        case never
        /// The head and the body, then this again and again, so many times. Nothing of it is ever held.
        case repeating(unit: [UInt8], times: Int)
        /// The head, then the body byte by byte.
        case dripping(milliseconds: Int)
    }

    public var status: Int
    public var headers: SimHeaders
    public var body: [UInt8]
    public var delivery = Delivery.complete

    public init(status: Int, headers: SimHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func json(_ status: Int, _ value: SimJSON, headers: SimHeaders = [:]) -> SimResponse {
        json(status, bytes: value.bytes, headers: headers)
    }

    static func json(_ status: Int, bytes: [UInt8], headers: SimHeaders = [:]) -> SimResponse {
        var response = SimResponse(status: status, headers: headers, body: bytes)
        if response.headers["Content-Type"] == nil { response.headers["Content-Type"] = "application/json" }
        return response
    }

    static func text(_ status: Int, _ text: String) -> SimResponse {
        SimResponse(status: status, headers: ["Content-Type": "text/plain;charset=utf-8"], body: Array(text.utf8))
    }

    static let cutAtOnce = SimResponse(status: 0).delivered(.cutAtOnce)
    static let never = SimResponse(status: 0).delivered(.never)

    func delivered(_ delivery: Delivery) -> SimResponse {
        var copy = self
        copy.delivery = delivery
        return copy
    }

    /// The body as text, for tests and logs.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
