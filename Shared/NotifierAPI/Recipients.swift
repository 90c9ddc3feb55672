public import CoreTypes
public import RPC
import SchedulerAPI

/// What a mail can be about.
public enum NoticeKind: String, Codable, Sendable, CaseIterable {
    /// The import is not complete and was thrown away.
    case importRefused
    /// The import waits for a person.
    case importHeld
    /// The import could not be made.
    case importFailed
    /// The import stopped reporting.
    case importLost
    /// Imports failed badly so often in a row that none is started any more until a person releases the connection.
    case connectionParked
    /// The import was published although items are missing, as many as are tolerated at most. Told when that begins.
    case importTolerated
    /// Nothing of the import in hand moves any more. Support is told too, whoever is on the list.
    case importStalled
    /// The shop shows an older state of the source than was promised.
    case setOutdated
    /// Shadow mode of a connection is over: imports are stopped from now on. Support is told too.
    case shadowEnded
}

/// Who gets mail for a merchant: an address, and for what.
public struct RecipientChoice: Codable, Sendable, Equatable {
    /// An e-mail address of at most 254 characters.
    public var address: String
    public var language: Language
    /// Only mails about these connections; nil for all of the merchant, also those to come.
    public var connectionIDs: [ConnectionID]?
    /// Only mails of these kinds; nil for all, also those to come.
    public var kinds: [NoticeKind]?

    public init(
        address: String, language: Language, connectionIDs: [ConnectionID]? = nil, kinds: [NoticeKind]? = nil
    ) {
        self.address = address
        self.language = language
        self.connectionIDs = connectionIDs
        self.kinds = kinds
    }

    public static var example: RecipientChoice {
        RecipientChoice(
            address: "anna@shop.example.dk", language: .danish, connectionIDs: [.example],
            kinds: [.importRefused, .importHeld])
    }
}

/// One line of a merchant's address list.
public struct Recipient: Codable, Sendable, Equatable {
    public var choice: RecipientChoice
    /// The provider's own support, put on every new list so that support knows too.
    public var isSupport: Bool
    public var addedAt: Instant
    /// As the audit names people and services: `operator anna`.
    public var addedBy: String
    public var reason: String

    public init(choice: RecipientChoice, isSupport: Bool, addedAt: Instant, addedBy: String, reason: String) {
        self.choice = choice
        self.isSupport = isSupport
        self.addedAt = addedAt
        self.addedBy = addedBy
        self.reason = reason
    }

    public static var example: Recipient {
        Recipient(
            choice: .example, isSupport: false, addedAt: .example, addedBy: "operator anna", reason: "Asked by phone")
    }
}

/// A merchant's address list.
public struct RecipientList: Codable, Sendable, Equatable {
    public var merchantID: MerchantID
    public var recipients: [Recipient]
    /// The support address to offer; nil where the operator has set none.
    public var supportAddress: String?

    public init(merchantID: MerchantID, recipients: [Recipient], supportAddress: String?) {
        self.merchantID = merchantID
        self.recipients = recipients
        self.supportAddress = supportAddress
    }

    public static var example: RecipientList {
        RecipientList(merchantID: .example, recipients: [.example], supportAddress: "support@sluice.example.dk")
    }
}

/// Shows who gets mail for a merchant.
public struct ListRecipients: RPCRequest {
    public static let method: MethodName = "notifier.listRecipients"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Shows the address list of a merchant, and the support address to offer."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID

    public init(merchantID: MerchantID) { self.merchantID = merchantID }

    public struct Response: Codable, Sendable, Equatable {
        public var list: RecipientList
        public init(list: RecipientList) { self.list = list }
    }

    public static var example: (request: Self, response: Response) {
        (Self(merchantID: .example), Response(list: .example))
    }
}

/// Replaces the address list of a merchant.
///
/// The support address is put on a merchant's first list, and stays on a list that has it, unless `withoutSupport` says no.
/// An empty list is refused (`last_recipient`): somebody must hear of an incident.
public struct SetRecipients: RPCRequest {
    public static let method: MethodName = "notifier.setRecipients"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .failedPrecondition]
    public static let summary = "Replaces the address list of a merchant; who and why is kept."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// 1 to 50, each address once.
    public var recipients: [RecipientChoice]
    /// True to leave the support address out.
    public var withoutSupport: Bool?
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(merchantID: MerchantID, recipients: [RecipientChoice], withoutSupport: Bool? = nil, reason: String) {
        self.merchantID = merchantID
        self.recipients = recipients
        self.withoutSupport = withoutSupport
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var list: RecipientList
        public init(list: RecipientList) { self.list = list }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, recipients: [.example], withoutSupport: false, reason: "Asked by phone"),
            Response(list: .example)
        )
    }
}

/// Adds one address, or changes what an address already on the list gets.
public struct AddRecipient: RPCRequest {
    public static let method: MethodName = "notifier.addRecipient"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .failedPrecondition]
    public static let summary = "Adds an address to a merchant's list, or changes what it gets."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    public var recipient: RecipientChoice
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(merchantID: MerchantID, recipient: RecipientChoice, reason: String) {
        self.merchantID = merchantID
        self.recipient = recipient
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var list: RecipientList
        public init(list: RecipientList) { self.list = list }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, recipient: .example, reason: "Asked by phone"),
            Response(list: .example)
        )
    }
}

/// Takes one address off. Removing an address that is not on the list succeeds and changes nothing.
///
/// The last address cannot be removed (`last_recipient`): nobody would hear of an incident.
public struct RemoveRecipient: RPCRequest {
    public static let method: MethodName = "notifier.removeRecipient"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .failedPrecondition]
    public static let summary = "Takes an address off a merchant's list, but never the last one."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    public var address: String
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(merchantID: MerchantID, address: String, reason: String) {
        self.merchantID = merchantID
        self.address = address
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var list: RecipientList
        public init(list: RecipientList) { self.list = list }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, address: "anna@shop.example.dk", reason: "Left the company"),
            Response(list: .example)
        )
    }
}
