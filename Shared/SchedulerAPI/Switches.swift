public import CoreTypes
public import RPC

/// Where a switch sits; off at any level stops what is below it.
public enum SwitchLevel: String, Codable, Sendable, CaseIterable {
    /// Everything of the merchant.
    case integration
    /// One module in all connections of the merchant.
    case module
    case connection
}

/// One switch, and who touched it last.
public struct SwitchState: Codable, Sendable, Equatable {
    public var level: SwitchLevel
    /// For level `module`.
    public var module: Module?
    /// For level `connection`.
    public var connectionID: ConnectionID?
    public var isOn: Bool
    /// nil while nobody has touched it; then it is on.
    public var changedBy: String?
    public var changedAt: Instant?
    public var reason: String?

    public init(
        level: SwitchLevel, module: Module? = nil, connectionID: ConnectionID? = nil, isOn: Bool,
        changedBy: String? = nil, changedAt: Instant? = nil, reason: String? = nil
    ) {
        self.level = level
        self.module = module
        self.connectionID = connectionID
        self.isOn = isOn
        self.changedBy = changedBy
        self.changedAt = changedAt
        self.reason = reason
    }

    public static var example: SwitchState {
        SwitchState(
            level: .module, module: .prices, isOn: false, changedBy: "operator anna", changedAt: .example,
            reason: "New price list next week")
    }
}

/// Switches an integration, a module or a connection on or off.
///
/// Off holds at once: nothing new starts, by schedule or by hand, and what is queued is skipped; a run in hand goes on
/// until it ends or is cancelled. Setting a switch as it already is succeeds and changes nothing.
public struct SetSwitch: RPCRequest {
    public static let method: MethodName = "scheduler.setSwitch"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Switches an integration, a module or a connection on or off, with a reason."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    public var level: SwitchLevel
    /// For level `module`, and only then.
    public var module: Module?
    /// For level `connection`, and only then.
    public var connectionID: ConnectionID?
    public var on: Bool
    /// Why; shown wherever the pause is shown. 1 to 200 characters.
    public var reason: String

    public init(
        merchantID: MerchantID, level: SwitchLevel, module: Module? = nil, connectionID: ConnectionID? = nil, on: Bool,
        reason: String
    ) {
        self.merchantID = merchantID
        self.level = level
        self.module = module
        self.connectionID = connectionID
        self.on = on
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        /// The switch as it is now; untouched when it already was so.
        public var state: SwitchState
        public init(state: SwitchState) { self.state = state }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                merchantID: .example, level: .module, module: .prices, on: false, reason: "New price list next week"),
            Response(state: .example)
        )
    }
}

/// One thing somebody changed.
public struct Change: Codable, Sendable, Equatable {
    public var at: Instant
    public var by: String
    /// `merchant_created`, `system_created`, `system_updated`, `connection_created`, `connection_updated`,
    /// `switched_on`, `switched_off`, `run_started`, `run_started_with_override`, `run_cancelled`,
    /// `connection_parked`, `connection_released`, `schedule_repaired`.
    public var what: String
    /// The thing changed: an id, or the module's name.
    public var subject: String
    public var reason: String

    public init(at: Instant, by: String, what: String, subject: String, reason: String) {
        self.at = at
        self.by = by
        self.what = what
        self.subject = subject
        self.reason = reason
    }
}

public struct ListChanges: RPCRequest {
    public static let method: MethodName = "scheduler.listChanges"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Lists what people changed at a merchant, newest first: who, when, what and why."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// 1 to 500; nil for 100.
    public var limit: Int?

    public init(merchantID: MerchantID, limit: Int? = nil) {
        self.merchantID = merchantID
        self.limit = limit
    }

    public struct Response: Codable, Sendable, Equatable {
        public var changes: [Change]
        public init(changes: [Change]) { self.changes = changes }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example),
            Response(changes: [
                Change(
                    at: .example, by: "operator anna", what: "switched_off", subject: "prices",
                    reason: "New price list next week")
            ])
        )
    }
}
