public import CoreTypes
public import RPC
public import SchedulerAPI

/// Shows the receipt of a run. A run that releases a held one has a receipt of its own.
public struct FetchReceipt: RPCRequest {
    public static let method: MethodName = "monitor.fetchReceipt"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Returns the signed receipt of a run that was judged and has ended."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var runID: RunID

    public init(runID: RunID) { self.runID = runID }

    public struct Response: Codable, Sendable, Equatable {
        public var receipt: StoredReceipt
        public init(receipt: StoredReceipt) { self.receipt = receipt }
    }

    public static var example: (request: Self, response: Response) {
        (Self(runID: .example), Response(receipt: .example))
    }
}

/// Lists the receipts of a connection in the order of their chain, the oldest first, without a gap.
public struct ListReceipts: RPCRequest {
    public static let method: MethodName = "monitor.listReceipts"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists signed receipts of a connection, in the order of their chain, without a gap."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// From the first that was made at this time or later, to the last that was made before that time; what lies between
    /// is given whatever its time, so that the chain has no gap.
    public var from: Instant?
    public var to: Instant?
    /// Only those with a higher number, to read on.
    public var after: Int64?
    /// 1 to 50; 50 when left out.
    public var limit: Int?

    public init(
        connectionID: ConnectionID, from: Instant? = nil, to: Instant? = nil, after: Int64? = nil, limit: Int? = nil
    ) {
        self.connectionID = connectionID
        self.from = from
        self.to = to
        self.after = after
        self.limit = limit
    }

    public struct Response: Codable, Sendable, Equatable {
        public var receipts: [StoredReceipt]
        public init(receipts: [StoredReceipt]) { self.receipts = receipts }
    }

    public static var example: (request: Self, response: Response) {
        (Self(connectionID: .example, limit: 20), Response(receipts: [.example]))
    }
}

/// One receipt as it is kept.
public struct StoredReceipt: Codable, Sendable, Equatable {
    /// Its place in the connection's chain, from 1.
    public var number: Int64
    public var runID: RunID
    public var connectionID: ConnectionID
    public var outcome: RunOutcome
    public var madeAt: Instant
    /// The signed receipt, one line of canonical JSON: what a file of receipts has in one line.
    public var document: String

    public init(
        number: Int64, runID: RunID, connectionID: ConnectionID, outcome: RunOutcome, madeAt: Instant, document: String
    ) {
        self.number = number
        self.runID = runID
        self.connectionID = connectionID
        self.outcome = outcome
        self.madeAt = madeAt
        self.document = document
    }

    public static var example: StoredReceipt {
        StoredReceipt(
            number: 12, runID: .example, connectionID: .example, outcome: .published, madeAt: .example,
            document: "{}")
    }
}
