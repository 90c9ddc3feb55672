public import CoreTypes
public import RPC
import SchedulerAPI

/// Where a mail is on its way.
public enum MessageState: String, Codable, Sendable, CaseIterable {
    /// Written, not yet tried.
    case queued
    /// Handed to the mail server just now, or the notifier ended while doing so; it is sent again then.
    case sending
    /// The mail server has taken it over.
    case accepted
    /// An attempt failed; the next one is planned.
    case retrying
    /// Given up: refused for good, or not accepted within 24 hours. Can be sent again by hand.
    case parked
}

public enum MessagePurpose: String, Codable, Sendable, CaseIterable {
    /// The first mail of an incident.
    case incident
    case reminder
    /// All is well again.
    case recovery
    /// What is to be known once, and is nothing to be mended.
    case notice
    case test
}

/// One mail to one recipient.
public struct Message: Codable, Sendable, Equatable {
    public var messageID: MessageID
    /// Counts up with every message.
    public var sequence: Int64
    public var merchantID: MerchantID
    /// nil for a test.
    public var incidentID: IncidentID?
    public var purpose: MessagePurpose
    public var address: String
    public var language: Language
    public var subject: String
    public var state: MessageState
    public var createdAt: Instant
    public var attempts: Int
    public var nextAttemptAt: Instant?
    public var acceptedAt: Instant?
    /// What the mail server said last, at most 300 characters.
    public var lastError: String?

    public init(
        messageID: MessageID, sequence: Int64, merchantID: MerchantID, incidentID: IncidentID?,
        purpose: MessagePurpose, address: String, language: Language, subject: String, state: MessageState,
        createdAt: Instant, attempts: Int, nextAttemptAt: Instant?, acceptedAt: Instant?, lastError: String?
    ) {
        self.messageID = messageID
        self.sequence = sequence
        self.merchantID = merchantID
        self.incidentID = incidentID
        self.purpose = purpose
        self.address = address
        self.language = language
        self.subject = subject
        self.state = state
        self.createdAt = createdAt
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.acceptedAt = acceptedAt
        self.lastError = lastError
    }

    public static var example: Message {
        Message(
            messageID: .example, sequence: 12, merchantID: .example, incidentID: .example, purpose: .incident,
            address: "anna@shop.example.dk", language: .english, subject: "Import stopped: 17 items are missing",
            state: .retrying, createdAt: .example, attempts: 1, nextAttemptAt: .example + .seconds(60),
            acceptedAt: .example + .seconds(61), lastError: "450 mailbox busy")
    }
}

/// Lists mails, the newest first.
public struct ListMessages: RPCRequest {
    public static let method: MethodName = "notifier.listMessages"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists mails and how far each has come, the newest first."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// nil for all merchants.
    public var merchantID: MerchantID?
    /// nil for all states; `parked` are those that could not be sent.
    public var state: MessageState?
    /// 1 to 200; 50 when left out.
    public var limit: Int?
    /// Only those with a lower sequence, to read on.
    public var before: Int64?

    public init(
        merchantID: MerchantID? = nil, state: MessageState? = nil, limit: Int? = nil, before: Int64? = nil
    ) {
        self.merchantID = merchantID
        self.state = state
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var messages: [Message]
        public init(messages: [Message]) { self.messages = messages }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, state: .parked, limit: 20, before: 100),
            Response(messages: [.example])
        )
    }
}

/// Shows one mail as it was or will be sent.
public struct DescribeMessage: RPCRequest {
    public static let method: MethodName = "notifier.describeMessage"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows one mail in full, with its state."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var messageID: MessageID

    public init(messageID: MessageID) { self.messageID = messageID }

    public struct Response: Codable, Sendable, Equatable {
        public var message: Message
        /// Plain text, lines ended by LF.
        public var text: String

        public init(message: Message, text: String) {
            self.message = message
            self.text = text
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(messageID: .example),
            Response(message: .example, text: "Nothing was uploaded to the shop.\n")
        )
    }
}

/// Sends a parked mail again, to the same address and with the same Message-ID.
///
/// A mail that is still on its way or already accepted is left alone: the answer says in which state it is.
public struct ResendMessage: RPCRequest {
    public static let method: MethodName = "notifier.resendMessage"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Puts a mail that could not be sent back in the queue."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var messageID: MessageID
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(messageID: MessageID, reason: String) {
        self.messageID = messageID
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var message: Message
        public init(message: Message) { self.message = message }
    }

    public static var example: (request: Self, response: Response) {
        (Self(messageID: .example, reason: "Mailbox was full"), Response(message: .example))
    }
}

/// Sends a test mail to a merchant's whole list, or to one address on it.
public struct SendTest: RPCRequest {
    public static let method: MethodName = "notifier.sendTest"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .failedPrecondition]
    public static let summary = "Sends a test mail to the addresses of a merchant's list."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// nil for every address of the list.
    public var address: String?

    public init(merchantID: MerchantID, address: String? = nil) {
        self.merchantID = merchantID
        self.address = address
    }

    public struct Response: Codable, Sendable, Equatable {
        /// Follow them with `notifier.listMessages`.
        public var messages: [Message]
        public init(messages: [Message]) { self.messages = messages }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, address: "anna@shop.example.dk"),
            Response(messages: [.example])
        )
    }
}
