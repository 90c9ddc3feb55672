import FoundationEssentials
import Outbound

@testable import ImporterService

/// Sends for real, but where `meddle` wants it otherwise.
struct MeddlingSender: HTTPSending {
    enum Act: Sendable {
        case pass
        /// The request is lost.
        case cut
        /// The request arrives, its answer is lost.
        case cutAnswer
        /// The answer has other words than the system gave it.
        case rewrite(String, String)
        /// The request is lost; this is the answer to it.
        case answer(String)
        /// The request is never answered.
        case hang
    }

    private let sender: any HTTPSending
    private let meddle: @Sendable (HTTPRequest) async -> Act

    init(_ configuration: ImporterConfiguration, _ meddle: @escaping @Sendable (HTTPRequest) async -> Act) {
        sender = HTTPClient(HTTPClientConfiguration(configuration))
        self.meddle = meddle
    }

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        switch await meddle(request) {
        case .pass: return try await sender.send(request)
        case .cut: throw .connection(detail: "cut")
        case .answer(let body): return HTTPResponse(status: 200, body: .bytes(Array(body.utf8)))
        case .hang:
            try? await Task.sleep(for: .seconds(600))
            throw Task.isCancelled ? .cancelled : .timeout(.firstByte)
        case .cutAnswer:
            _ = try await sender.send(request)
            throw .connection(detail: "cut")
        case .rewrite(let from, let to):
            let response = try await sender.send(request)
            let text = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
            return HTTPResponse(
                status: response.status, headers: response.headers,
                body: .bytes(Array(text.replacing(from, with: to).utf8)))
        }
    }
}
