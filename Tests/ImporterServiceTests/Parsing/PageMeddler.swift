import Outbound

@testable import ImporterService

/// Sends for real, and changes the bytes of the source's lists of items before they are read.
struct PageMeddler: HTTPSending {
    private let sender: any HTTPSending
    private let change: @Sendable (_ url: String, inout [UInt8]) -> Void

    /// - Parameter change: Is asked for every answer to a list of items, the counts and the newest item left out.
    init(_ configuration: ImporterConfiguration, _ change: @escaping @Sendable (String, inout [UInt8]) -> Void) {
        sender = HTTPClient(HTTPClientConfiguration(configuration))
        self.change = change
    }

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        let response = try await sender.send(request)
        guard request.url.contains("/Items?"), !request.url.contains("desc") else { return response }
        var bytes = try await response.body.collect(upTo: 8 << 20)
        change(request.url, &bytes)
        return HTTPResponse(status: response.status, headers: response.headers, body: .bytes(bytes))
    }
}

extension String {
    /// Whether this address asks for a page to be staged: several items, with the fields that are read.
    var isPage: Bool { contains("$select") && !contains("$top") }

    /// Whether it asks for one item with all its fields.
    var isPicture: Bool { !contains("$select") && contains("$top=1") }
}

extension [UInt8] {
    /// - Returns: Whether `old` was there.
    @discardableResult
    mutating func replaceFirst(_ old: String, with new: [UInt8]) -> Bool {
        guard let range = firstRange(of: Array(old.utf8)) else { return false }
        replaceSubrange(range, with: new)
        return true
    }

    @discardableResult
    mutating func replaceFirst(_ old: String, with new: String) -> Bool { replaceFirst(old, with: Array(new.utf8)) }

    mutating func replaceAll(_ old: String, with new: String) {
        self = Array(String(decoding: self, as: UTF8.self).replacing(old, with: new).utf8)
    }
}
