public import CoreTypes
public import RPC

/// One misbehaviour as it is ordered.
public struct Fault: Codable, Sendable, Equatable {
    public var kind: FaultKind
    /// How many items, rows or requests; see the kind.
    public var count: Int?
    /// A page or chunk, from 1. Requests for a single row (`$top=1`) are probes and count as no page.
    public var page: Int?
    public var milliseconds: Int?
    /// An endpoint (`Items`), a field (`ItemPrices`), a data set (`stock`), a scope (`catalog:write`) or a mail address.
    public var target: String?
    /// After how many occurrences it mends itself; nil lasts until repaired.
    public var times: Int?

    public init(
        _ kind: FaultKind, count: Int? = nil, page: Int? = nil, milliseconds: Int? = nil, target: String? = nil,
        times: Int? = nil
    ) {
        self.kind = kind
        self.count = count
        self.page = page
        self.milliseconds = milliseconds
        self.target = target
        self.times = times
    }

    /// Why this cannot be ordered at `place`, as a plain clause; nil when it can.
    public func problem(at place: FaultPlace) -> String? {
        guard kind.places.contains(place) else { return "\(kind.rawValue) is nothing that \(place.rawValue) can do" }
        let allowed = kind.required.union(kind.optional)
        for parameter in FaultParameter.allCases {
            let isGiven = isGiven(parameter)
            if !isGiven, kind.required.contains(parameter) { return "\(kind.rawValue) needs \(parameter.rawValue)" }
            if isGiven, !allowed.contains(parameter) { return "\(kind.rawValue) takes no \(parameter.rawValue)" }
        }
        if let count, !kind.allows(count: count) { return "count is out of range" }
        if let page, page < 1 { return "page is counted from 1" }
        if let milliseconds, !(1...600_000).contains(milliseconds) { return "milliseconds is 1 to 600,000" }
        if let times, times < 1 { return "times is 1 or more" }
        return nil
    }

    private func isGiven(_ parameter: FaultParameter) -> Bool {
        switch parameter {
        case .count: count != nil
        case .page: page != nil
        case .milliseconds: milliseconds != nil
        case .target: target != nil
        }
    }
}

/// A fault in force.
public struct ActiveFault: Codable, Sendable, Equatable {
    public var fault: Fault
    public var since: Instant
    /// How often it has shown so far.
    public var occurred: Int

    public init(fault: Fault, since: Instant, occurred: Int) {
        self.fault = fault
        self.since = since
        self.occurred = occurred
    }
}

/// Orders a misbehaviour; one of the same kind is replaced, others stay.
public struct Misbehave: RPCRequest {
    public static let method: MethodName = "sandbox.misbehave"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Makes a simulated system, or the mailbox, misbehave until repaired."
    public static let callers = Callers.operators

    /// The system's name, or `mailbox`.
    public var system: String
    public var fault: Fault

    public init(system: String, fault: Fault) {
        self.system = system
        self.fault = fault
    }

    public struct Response: Codable, Sendable, Equatable {
        /// All faults now in force there.
        public var faults: [ActiveFault]
        public init(faults: [ActiveFault]) { self.faults = faults }
    }

    public static var example: (request: Self, response: Response) {
        let fault = Fault(.loseItems, count: 17)
        return (
            Self(system: "demo-sap", fault: fault),
            Response(faults: [ActiveFault(fault: fault, since: Instant(seconds: 1_772_431_200), occurred: 0)])
        )
    }
}

/// Ends misbehaviour. What a fault has already changed (moved, deleted, inserted items) stays changed.
public struct Repair: RPCRequest {
    public static let method: MethodName = "sandbox.repair"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Ends one kind of misbehaviour of a system, or all of it."
    public static let callers = Callers.operators

    /// The system's name, or `mailbox`.
    public var system: String
    /// nil repairs everything.
    public var kind: FaultKind?

    public init(system: String, kind: FaultKind? = nil) {
        self.system = system
        self.kind = kind
    }

    public struct Response: Codable, Sendable, Equatable {
        /// What was in force and is not any more.
        public var repaired: [ActiveFault]
        public init(repaired: [ActiveFault]) { self.repaired = repaired }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(system: "demo-sap"),
            Response(repaired: [
                ActiveFault(fault: Fault(.offline), since: Instant(seconds: 1_772_431_200), occurred: 4)
            ])
        )
    }
}

public struct ListFaultKinds: RPCRequest {
    public static let method: MethodName = "sandbox.listFaultKinds"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Lists every misbehaviour that can be ordered, with its values."
    public static let callers = Callers.operators

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public var kinds: [FaultDescription]
        public init(kinds: [FaultDescription]) { self.kinds = kinds }
    }

    public static var example: (request: Self, response: Response) {
        (Self(), Response(kinds: [FaultDescription(.capPageSize)]))
    }
}

/// A kind of fault, for lists and help texts.
public struct FaultDescription: Codable, Sendable, Equatable {
    public var kind: FaultKind
    public var summary: String
    public var places: [FaultPlace]
    public var required: [FaultParameter]
    public var optional: [FaultParameter]

    public init(_ kind: FaultKind) {
        self.kind = kind
        summary = kind.summary
        places = FaultPlace.allCases.filter(kind.places.contains)
        required = FaultParameter.allCases.filter(kind.required.contains)
        optional = FaultParameter.allCases.filter(kind.optional.contains)
    }
}
