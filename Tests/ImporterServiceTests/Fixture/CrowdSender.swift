import Outbound
import Synchronization

/// Sends for real and counts how many pages are asked for and not answered yet, or answered and not begun to be read.
final class CrowdSender: HTTPSending {
    private let sender: any HTTPSending
    private let pages = Mutex<(underWay: Set<String>, most: Int)>(([], 0))

    init(_ sender: any HTTPSending) { self.sender = sender }

    var mostPagesAsked: Int { pages.withLock { $0.most } }

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        guard request.url.contains("/Items?") else { return try await sender.send(request) }
        pages.withLock { pages in
            pages.underWay.insert(request.url)
            pages.most = max(pages.most, pages.underWay.count)
        }
        defer { pages.withLock { _ = $0.underWay.remove(request.url) } }
        return try await sender.send(request)
    }
}
