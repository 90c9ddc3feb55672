public import CoreTypes
public import RPC

/// One mail in the sandbox's mailbox: one transaction of SMTP.
public struct MailSummary: Codable, Sendable, Equatable {
    /// Rises with each mail.
    public var id: Int64
    public var receivedAt: Instant
    /// The sender of the envelope.
    public var sender: String
    /// The recipients of the envelope.
    public var recipients: [String]
    /// Decoded; empty when the mail has none.
    public var subject: String

    public init(id: Int64, receivedAt: Instant, sender: String, recipients: [String], subject: String) {
        self.id = id
        self.receivedAt = receivedAt
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
    }

    public static var example: MailSummary {
        MailSummary(
            id: 4, receivedAt: Instant(seconds: 1_772_431_200), sender: "sluice@example.dk",
            recipients: ["anna@example.dk"], subject: "Importen blev stoppet: 17 varer mangler")
    }
}

public struct ListMail: RPCRequest {
    public static let method: MethodName = "sandbox.listMail"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists mails in the sandbox's mailbox, the newest first."
    public static let callers = Callers.operators

    /// Only mails to this address, whatever its case.
    public var recipient: String?
    /// Only mails with a higher id.
    public var after: Int64?
    /// 1 to 500, default 50.
    public var limit: Int?

    public init(recipient: String? = nil, after: Int64? = nil, limit: Int? = nil) {
        self.recipient = recipient
        self.after = after
        self.limit = limit
    }

    public struct Response: Codable, Sendable, Equatable {
        public var mails: [MailSummary]
        /// All that are kept for the recipient, or for everybody.
        public var total: Int

        public init(mails: [MailSummary], total: Int) {
            self.mails = mails
            self.total = total
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(recipient: "anna@example.dk"), Response(mails: [.example], total: 1))
    }
}

public struct ReadMail: RPCRequest {
    public static let method: MethodName = "sandbox.readMail"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows one mail: envelope, decoded headers and its text."
    public static let callers = Callers.operators

    public var id: Int64
    /// Whether the bytes as received are wanted too.
    public var raw: Bool?

    public init(id: Int64, raw: Bool? = nil) {
        self.id = id
        self.raw = raw
    }

    public struct Response: Codable, Sendable, Equatable {
        public var mail: MailSummary
        /// Whether the connection was encrypted.
        public var encrypted: Bool
        /// The name given to AUTH; nil when nobody logged in.
        public var user: String?
        /// In the order of the mail, encoded words decoded.
        public var headers: [MailHeader]
        /// The first text/plain part, transfer encoding undone.
        public var text: String
        /// Names of parts that are attachments.
        public var attachments: [String]
        /// The message as received, as base64.
        public var rawBase64: String?

        public init(
            mail: MailSummary, encrypted: Bool, user: String?, headers: [MailHeader], text: String,
            attachments: [String], rawBase64: String?
        ) {
            self.mail = mail
            self.encrypted = encrypted
            self.user = user
            self.headers = headers
            self.text = text
            self.attachments = attachments
            self.rawBase64 = rawBase64
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(id: 4),
            Response(
                mail: .example, encrypted: true, user: "sluice",
                headers: [MailHeader(name: "Subject", value: "Importen blev stoppet: 17 varer mangler")],
                text: "Intet er lagt i webshoppen.", attachments: [], rawBase64: nil)
        )
    }
}

public struct MailHeader: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

public struct ClearMail: RPCRequest {
    public static let method: MethodName = "sandbox.clearMail"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = []
    public static let summary = "Empties the sandbox's mailbox; ids go on where they were."
    public static let callers = Callers.operators

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public var removed: Int
        public init(removed: Int) { self.removed = removed }
    }

    public static var example: (request: Self, response: Response) { (Self(), Response(removed: 3)) }
}
