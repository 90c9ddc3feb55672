/// Whether a service lives and can work, as `rpc.health` answers.
public struct HealthReport: Codable, Sendable, Equatable {
    /// The process answers. False asks for it to be started again.
    public var isAlive: Bool
    /// It can take work. False asks callers to go elsewhere for now.
    public var isReady: Bool
    /// The database could be read and written just now; nil without one.
    public var isDatabaseUsable: Bool?
    /// Why it is not ready, or what people should know although it is, in plain words; empty when all is well.
    public var notes: [String]

    public init(
        isAlive: Bool = true, isReady: Bool = true, isDatabaseUsable: Bool? = nil, notes: [String] = []
    ) {
        self.isAlive = isAlive
        self.isReady = isReady
        self.isDatabaseUsable = isDatabaseUsable
        self.notes = notes
    }
}

/// The figures of one method since the process started, as `rpc.stats` answers.
public struct MethodReport: Codable, Sendable, Equatable {
    public var method: String
    public var calls: Int64
    public var errors: Int64
    /// Half of the calls took at most this long; nil before the first call.
    public var p50Microseconds: Int64?
    /// 99 of 100 calls took at most this long.
    public var p99Microseconds: Int64?
    /// The reason of the last error; nil without one.
    public var lastError: String?

    public init(
        method: String, calls: Int64, errors: Int64, p50Microseconds: Int64?, p99Microseconds: Int64?,
        lastError: String?
    ) {
        self.method = method
        self.calls = calls
        self.errors = errors
        self.p50Microseconds = p50Microseconds
        self.p99Microseconds = p99Microseconds
        self.lastError = lastError
    }
}
