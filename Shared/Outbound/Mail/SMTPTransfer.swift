import CCurl
import CoreTypes
import Synchronization

/// One SMTP transaction.
final class SMTPTransfer: Transfer {
    private struct State {
        var sentBytes = 0
        /// libcurl has asked for more and been told that this is all.
        var isWholeSent = false
        /// The server has answered our EHLO: what it refuses from here on is the mail.
        var isGreeted = false
        var lastReply = ""
        /// When the server had said what becomes of the mail, in microseconds since the start.
        var answeredAt: Int64?
        var isCancelled = false
        var caller: CheckedContinuation<SMTPOutcome, Never>?
    }

    /// How long a server may take to say goodbye, in microseconds.
    private static let partingTime: Int64 = 1_000_000

    private let mail: OutgoingMail
    private let server: SMTPServer
    private let engine: TransferEngine
    private let state = Mutex(State())

    init(_ mail: OutgoingMail, _ server: SMTPServer, _ engine: TransferEngine) {
        self.mail = mail
        self.server = server
        self.engine = engine
    }

    func outcome() async -> SMTPOutcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.caller = continuation }
                engine.start(self)
            }
        } onCancel: {
            state.withLock { $0.isCancelled = true }
            engine.cancel(self)
        }
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func configure(_ easy: Easy) throws(OutboundError) {
        try easy.set(CCURL_PROTOCOLS, server.security == .tls ? "smtps" : "smtp")
        try easy.set(CCURL_URL, server.url)
        try easy.set(CCURL_REQUIRE_STARTTLS, server.security == .none ? 0 : 1)
        try easy.apply(server.trust)
        try easy.set(CCURL_CONNECT_TIMEOUT_MS, server.connectTimeout)
        try easy.set(CCURL_TOTAL_TIMEOUT_MS, server.totalTimeout)
        // A kept connection would have been closed by the server before the next mail, as often as not.
        try easy.set(CCURL_CLOSE_AFTERWARDS, 1)
        if let credentials = server.credentials {
            try easy.set(CCURL_USER, credentials.user)
            try easy.set(CCURL_PASSWORD, credentials.password.reveal())
        }
        // With angle brackets given, libcurl writes an address as it is.
        try easy.set(CCURL_MAIL_SENDER, "<\(mail.sender?.description ?? "")>")
        try easy.addRecipient("<\(mail.recipient)>")
        try easy.set(CCURL_UPLOAD_BYTES, mail.message.bytes.count)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception { .taken }

    /// Reply lines: three digits, a space or hyphen, text.
    func receiveLine(_ line: UnsafeRawBufferPointer) -> Bool {
        var text = Array(line.prefix(500))
        while let last = text.last, last == 0x0D || last == 0x0A { text.removeLast() }
        state.withLock { state in
            let reply = String(decoding: text, as: UTF8.self)
            if reply.hasPrefix("250") { state.isGreeted = true }
            // 221 says goodbye and nothing about the mail.
            if !reply.hasPrefix("221") { state.lastReply = reply }
        }
        return true
    }

    func fill(_ room: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            let rest = mail.message.bytes[state.sentBytes...].prefix(room.count)
            room.copyBytes(from: rest)
            state.sentBytes += rest.count
            state.isWholeSent = state.sentBytes == mail.message.bytes.count
            return rest.count
        }
    }

    func mayConnect(to address: IPAddress) -> Bool { true }

    /// libcurl waits two minutes for the answer to its QUIT, whatever limit it was given, and all other mails wait with
    /// it. It asks here meanwhile.
    func progress(_ progress: Progress) -> Bool {
        state.withLock { state in
            if state.isWholeSent, state.answeredAt == nil, !state.lastReply.hasPrefix("354") {
                state.answeredAt = progress.elapsed
            }
            let hasTime = state.answeredAt.map { progress.elapsed - $0 < Self.partingTime } ?? true
            return hasTime && !state.isCancelled && .microseconds(progress.elapsed) < server.totalTimeout
        }
    }

    func deliver() {}

    func complete(_ ending: Ending) {
        let (caller, outcome) = state.withLock { state in
            defer { state.caller = nil }
            return (state.caller, self.outcome(of: ending, state))
        }
        caller?.resume(returning: outcome)
    }

    private func outcome(of ending: Ending, _ state: State) -> SMTPOutcome {
        let code = ending.replyCode
        let text = String(state.lastReply.dropFirst(4))
        func later(_ kind: SMTPDelay.Kind, _ detail: String) -> SMTPOutcome {
            // 354 is the last thing said before the mail; a reply after it is an answer, whatever it says.
            let mayHaveArrived = state.isWholeSent && code == 354
            return .retryLater(
                code: code >= 400 ? code : nil,
                reason: SMTPDelay(kind: kind, detail: detail, mayHaveArrived: mayHaveArrived))
        }
        switch ending.failure {
        case .none: return .accepted(code: code, text: text)
        case .cancelled: return later(.cancelled, "cancelled")
        case .name: return later(.name, ending.detail)
        case .tls: return later(.tls, ending.detail)
        case .timeout: return later(.timeout, ending.detail)
        // By `progress`. An answer that came in time is an answer.
        case .aborted where state.isWholeSent && (200...299).contains(code): return .accepted(code: code, text: text)
        case .aborted: return later(state.isCancelled ? .cancelled : .timeout, "no answer in time")
        case .login: return later(.login, text)
        case .request: return later(.connection, ending.cause.map { "\($0)" } ?? ending.detail)
        case .connection, .truncated, .malformed, .proxy, .other: break
        }
        switch code {
        case 400...499: return later(.busy, text)
        // 530 is "authentication required", or "STARTTLS first".
        case 530, 534, 535, 538: return later(.login, text)
        case 500...599: return state.isGreeted ? .refused(code: code, text: text) : later(.greeting, text)
        default: return later(.connection, ending.detail)
        }
    }
}
