import CoreTypes
public import Outbound
import SchedulerAPI

/// Sends requests to one outside system and speaks of what goes wrong in ``SystemFault``s.
struct SystemHTTP: Sendable {
    let base: BaseURL
    let sender: any HTTPSending
    /// The merchant's name for the system.
    let system: String
    let trust: TLSTrust?
    /// Pages of items are read as they come, so this bounds the traffic and the staging file, not the memory.
    var pageBytesMax = 256 << 20

    /// Short answers (logins, counts, sessions) are held in memory up to this size.
    static let answerBytesMax = 4 << 20

    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    /// Sends and reads the whole answer, whatever its status.
    func answer(to request: HTTPRequest) async throws -> Answer {
        let response = try await open(request)
        do {
            let body = try await response.body.collect(upTo: Self.answerBytesMax)
            return Answer(status: response.status, headers: response.headers, body: body)
        } catch {
            throw fault(of: error)
        }
    }

    /// Sends and returns when the head of the answer is there.
    func open(_ request: HTTPRequest) async throws -> HTTPResponse {
        var request = request
        if request.trust == nil { request.trust = trust }
        do {
            return try await sender.send(request)
        } catch {
            throw fault(of: error)
        }
    }

    /// - Throws: CancellationError for a transfer that was cancelled: that is no fault of the system.
    func fault(of error: OutboundError) -> any Error {
        if case .cancelled = error { return CancellationError() }
        return SystemFault(error, of: system)
    }
}

extension SystemFault {
    /// What a transfer that never became a whole HTTP answer means.
    public init(_ error: OutboundError, of system: String) {
        self.init(error)
        self.system = system
    }

    private init(_ error: OutboundError) {
        switch error {
        case .invalidRequest(let detail): self.init(.internal, detail)
        case .name(let host): self.init(.name, "the name \(host) does not resolve")
        case .connection(let detail): self.init(.connection, detail, isPassing: true)
        case .tls(let detail): self.init(.tls, detail)
        case .timeout(let phase): self.init(.timeout, "no answer in time (\(phase))", isPassing: true)
        case .refusedAddress(let address):
            self.init(.connection, "the address \(address) is not allowed", reason: .privateAddress(address))
        case .tooLarge(let limit): self.init(.answer, "the answer is longer than \(limit) bytes")
        case .truncated(let detail): self.init(.connection, "cut off: \(detail)", isPassing: true)
        case .malformed(let detail): self.init(.answer, detail, isPassing: true)
        case .redirect(let status, let place):
            self.init(.answer, "answers \(status) and sends elsewhere: \(place)", status: status)
        case .proxy(let detail): self.init(.connection, "the proxy: \(detail)", isPassing: true)
        case .cancelled: self.init(.internal, "cancelled")
        }
    }
}

extension HTTPHeaders {
    /// `Retry-After` in its form of seconds; the date form is left aside.
    var retryAfter: Duration? {
        guard let text = self["Retry-After"], let seconds = Int64(text), seconds >= 0 else { return nil }
        return .seconds(min(seconds, 86_400))
    }
}
