public import MonitorAPI

/// How one connection's imports are judged right now.
public struct JudgingPolicy: Sendable, Equatable {
    /// False: only what must never pass is looked for.
    public var isMonitored: Bool
    public var rules: PolicyRules
    public var version: Int64
    /// Names the list of must-have items; evidence of an older list says nothing about this one.
    public var mustHaveVersion: Int64
    /// Judge, but stop nothing that can be published.
    public var isShadow: Bool

    public init(
        isMonitored: Bool = true, rules: PolicyRules = PolicyRules(), version: Int64 = 0, mustHaveVersion: Int64 = 0,
        isShadow: Bool = false
    ) {
        self.isMonitored = isMonitored
        self.rules = rules
        self.version = version
        self.mustHaveVersion = mustHaveVersion
        self.isShadow = isShadow
    }
}
