/// Something that sends HTTP requests: ``HTTPClient``, or a stand-in.
public protocol HTTPSending: Sendable {
    /// Returns when the head of the answer is here; any status but a redirect is an answer.
    ///
    /// The answer's body must be read or dropped. Cancelling the task ends the transfer with `.cancelled`.
    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse
}

/// HTTP through libcurl: kept connections, streamed bodies, addresses vetted when connecting.
///
/// One thread per client and none per request: make one and share it. Dropped, it goes when its last answer has been read. Cookies are the
/// caller's job.
public final class HTTPClient: HTTPSending {
    private let configuration: HTTPClientConfiguration
    private let engine: TransferEngine

    public init(_ configuration: HTTPClientConfiguration) {
        self.configuration = configuration
        engine = TransferEngine(
            connectionsKept: configuration.connectionsKept, connectionsPerHost: configuration.connectionsPerHost)
    }

    deinit { engine.stop() }

    public func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        let transfer = HTTPTransfer(try HTTPPlan(request, configuration), engine, of: self)
        return try await transfer.response()
    }

    /// Ends open transfers with `.cancelled`; later requests fail the same way. Calling it again does nothing.
    public func shutdown() { engine.stop() }
}
