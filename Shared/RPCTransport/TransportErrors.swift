import CoreTypes
import JSON
import RPC
import TLS

extension PeerIdentity {
    init(_ identity: SPIFFEIdentity) {
        switch identity.kind {
        case .service(let name, let instance): self = .service(name: name, instance: instance)
        case .operator(let name): self = .operator(name: name)
        }
    }
}

extension ServiceError {
    /// What a caller is told when the link to a service cannot be made secure.
    init(_ error: TLSError, service: String) {
        self.init(
            error.needsChange ? .unauthenticated : .unavailable, reason: error.reason.rawValue,
            arguments: ["service": service, "detail": error.detail])
    }

    static func unreachable(_ service: String, _ detail: String) -> ServiceError {
        ServiceError(.unavailable, reason: "service_unreachable", arguments: ["service": service, "detail": detail])
    }

    static func connectionLost(_ service: String, _ detail: String) -> ServiceError {
        ServiceError(.unavailable, reason: "connection_lost", arguments: ["service": service, "detail": detail])
    }

    static let callTimedOut = ServiceError(.deadlineExceeded, reason: "deadline_exceeded")
    /// A call waited for the service until its deadline.
    ///
    /// - Parameter last: What the last attempt to connect failed with; nil when none had failed by then.
    static func waitedInVain(_ last: ServiceError?) -> ServiceError {
        guard let last else { return callTimedOut }
        let detail = last.arguments["detail"] ?? ""
        return ServiceError(
            .deadlineExceeded, reason: "service_waited_for",
            arguments: [
                "service": last.arguments["service"] ?? "",
                "detail": detail.isEmpty ? last.reason : "\(last.reason), \(detail)",
            ])
    }

    static let callCancelled = ServiceError(.cancelled, reason: "call_cancelled")
}

/// Why a server ends a connection; the client is told in a last frame, an error about no call.
enum ConnectionFault: Error, Equatable {
    case frameEmpty
    case frameTooLong(bytes: Int, bytesMax: Int)
    case tooManyConnections(max: Int)
    case firstFrameMissing(seconds: Int)
    case idle(seconds: Int)

    init(_ fault: FrameFault) {
        switch fault {
        case .empty: self = .frameEmpty
        case .tooLong(let bytes, let bytesMax): self = .frameTooLong(bytes: bytes, bytesMax: bytesMax)
        }
    }

    var serviceError: ServiceError {
        switch self {
        case .frameEmpty: ServiceError(.invalidArgument, reason: "frame_empty")
        case .frameTooLong(let bytes, let bytesMax):
            ServiceError(
                .outOfRange, reason: "frame_too_long", arguments: ["bytes": "\(bytes)", "bytesMax": "\(bytesMax)"])
        case .tooManyConnections(let max):
            ServiceError(
                .resourceExhausted, reason: "too_many_connections", arguments: ["connectionsMax": "\(max)"])
        case .firstFrameMissing(let seconds):
            ServiceError(.deadlineExceeded, reason: "first_frame_missing", arguments: ["seconds": "\(seconds)"])
        case .idle(let seconds):
            ServiceError(.deadlineExceeded, reason: "connection_idle", arguments: ["seconds": "\(seconds)"])
        }
    }

    private var message: String {
        switch self {
        case .frameEmpty: "a frame of no bytes"
        case .frameTooLong(let bytes, let bytesMax): "a frame of \(bytes) bytes, at most \(bytesMax) are taken"
        case .tooManyConnections(let max): "more than \(max) connections"
        case .firstFrameMissing(let seconds): "no frame within \(seconds) s"
        case .idle(let seconds): "nothing received for \(seconds) s"
        }
    }

    /// The text of the last frame.
    func write(into writer: JSONWriter) {
        let error = serviceError
        writer.removeAll()
        writer.append(raw: #"{"jsonrpc":"2.0","id":null,"error":"#)
        do {
            try writer.append(
                value: ErrorObject(
                    code: error.status.rawValue, message: message,
                    data: .init(
                        status: error.status, reason: error.reason, message: message, arguments: error.arguments,
                        retryable: error.status.isRetryable)))
        } catch {
            preconditionFailure("an error of strings cannot be written: \(error)")
        }
        writer.append(raw: "}")
    }

    private struct ErrorObject: Encodable {
        var code: Int
        var message: String
        var data: Details

        struct Details: Encodable {
            var status: StatusCode
            var reason: String
            var message: String
            var arguments: [String: String]
            var retryable: Bool
        }
    }
}
