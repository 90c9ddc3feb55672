public import CoreTypes
public import Outbound

/// One mail to one recipient, ready to go out.
public struct Letter: Sendable, Equatable {
    /// `msg_…@domain`, the same for every attempt: a mail that arrives twice is shown once.
    public var messageID: String
    public var inReplyTo: String?
    public var address: String
    public var subject: String
    public var text: String
    /// The missing items as CSV, attached as a file; nil for none.
    public var missingItems: String?
    public var date: Instant
}

/// What became of an attempt.
public enum SendOutcome: Sendable, Equatable {
    case accepted(String)
    /// Nothing is wrong with this mail; the same one is sent again later.
    case delayed(String)
    /// The process is stopping; the attempt was cut off.
    case interrupted
    /// The server will never take this mail.
    case refused(String)
}

/// Takes mails to the mail server, one recipient at a time.
public protocol MailTransport: Sendable {
    func send(_ letter: Letter) async -> SendOutcome
}

/// The operator's mail server, by SMTP.
public struct SMTPTransport: MailTransport {
    private let client: any MailSending
    private let sender: Mailbox

    /// - Parameter sender: Stands in `From`; the envelope's sender is empty, so that no bounce answers a bounce.
    public init(_ client: any MailSending, sender: Mailbox) {
        self.client = client
        self.sender = sender
    }

    public func send(_ letter: Letter) async -> SendOutcome {
        let mail: OutgoingMail
        do {
            let recipient = try MailAddress(letter.address)
            let message = try MIMEMessage(
                from: sender, to: Mailbox(recipient), subject: letter.subject, text: letter.text,
                attachments: try letter.missingItems.map {
                    [try MailAttachment(name: MissingItemsFile.name, type: "text/csv", text: $0)]
                } ?? [], messageID: letter.messageID, date: letter.date, inReplyTo: letter.inReplyTo.map { [$0] } ?? [])
            mail = OutgoingMail(sender: nil, recipient: recipient, message: message)
        } catch {
            return .refused("the mail cannot be written: \(error)")
        }
        return switch await client.sendMail(mail) {
        case .accepted(let code, let text): .accepted("\(code) \(text)")
        case .retryLater(_, let delay) where delay.kind == .cancelled: .interrupted
        case .retryLater(let code, let delay):
            .delayed("\(code.map { "\($0) " } ?? "")\(delay.kind.rawValue): \(delay.detail)")
        case .refused(let code, let text): .refused("\(code) \(text)")
        }
    }
}
