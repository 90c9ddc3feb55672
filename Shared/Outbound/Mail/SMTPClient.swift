/// Something that sends mails: ``SMTPClient``, or a stand-in.
public protocol MailSending: Sendable {
    /// Hands one mail to the server and says what the server said. Never throws: every ending is an outcome.
    func sendMail(_ mail: OutgoingMail) async -> SMTPOutcome
}

/// One mail to one recipient. A server that refuses one of several recipients would not say which.
public struct OutgoingMail: Sendable {
    /// Where bounces go; nil is the empty sender, to which nobody answers.
    public var sender: MailAddress?
    public var recipient: MailAddress
    public var message: MIMEMessage

    public init(sender: MailAddress?, recipient: MailAddress, message: MIMEMessage) {
        self.sender = sender
        self.recipient = recipient
        self.message = message
    }
}

/// SMTP through libcurl, a connection for each mail. One thread per client; make one and share it.
public final class SMTPClient: MailSending {
    private let server: SMTPServer
    private let engine = TransferEngine(connectionsKept: 1, connectionsPerHost: 4)

    public init(_ server: SMTPServer) { self.server = server }

    deinit { engine.stop() }

    public func sendMail(_ mail: OutgoingMail) async -> SMTPOutcome {
        await SMTPTransfer(mail, server, engine).outcome()
    }

    /// Ends mails on their way with `retryLater`, kind `cancelled`. Calling it again does nothing.
    public func shutdown() { engine.stop() }
}
