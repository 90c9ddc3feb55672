import Outbound
import Synchronization

/// Sends for real and remembers to where.
final class CountingSender: HTTPSending {
    private let sender: any HTTPSending
    private let sent = Mutex<[String]>([])

    init(_ sender: any HTTPSending) { self.sender = sender }

    var urls: [String] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        sent.withLock { $0.append(request.url) }
        return try await sender.send(request)
    }
}
