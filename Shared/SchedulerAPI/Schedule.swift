/// When a connection runs by itself.
public struct Schedule: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Every so many seconds, counted from when the schedule was set, whatever the runs do.
        case interval
        /// At the times of a cron expression, on the clock of a time zone.
        case cron
        /// Only when somebody starts it.
        case manual
    }

    public var kind: Kind
    /// For `interval`: 60 to 31,536,000 seconds.
    public var everySeconds: Int?
    /// For `cron`: five fields, `minute hour day-of-month month day-of-week`.
    public var expression: String?
    /// For `cron`: IANA name; nil follows the merchant's time zone at the time the schedule is set.
    public var timeZone: String?

    public init(kind: Kind, everySeconds: Int? = nil, expression: String? = nil, timeZone: String? = nil) {
        self.kind = kind
        self.everySeconds = everySeconds
        self.expression = expression
        self.timeZone = timeZone
    }

    public static let manual = Schedule(kind: .manual)

    public static func every(seconds: Int) -> Schedule { Schedule(kind: .interval, everySeconds: seconds) }

    public static func cron(_ expression: String, timeZone: String? = nil) -> Schedule {
        Schedule(kind: .cron, expression: expression, timeZone: timeZone)
    }
}
