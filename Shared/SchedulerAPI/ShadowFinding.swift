/// What shadow mode let pass.
public struct ShadowFinding: Codable, Sendable, Equatable {
    public var verdict: Verdict
    /// Catalogue key.
    public var reason: String
    public var holds: [Hold]

    public init(verdict: Verdict, reason: String, holds: [Hold]) {
        self.verdict = verdict
        self.reason = reason
        self.holds = holds
    }
}
