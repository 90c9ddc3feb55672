public import RPC

/// Something people should hear of although no run has ended; told to the notifier.
public struct ConnectionNotice: EventMessage {
    public static let type = "scheduler.connectionNotice"

    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Nothing of a run in hand has moved for a while. Told each time a run comes to a standstill.
        case runStalled
        /// The shop shows an older state of the source than was promised. Told once, until a run succeeds.
        case setOutdated
    }

    public var kind: Kind
    /// The run that stands still, or the last one that brought the shop up to date, told the way an end is: `finishedAt` is
    /// when this was noticed, and the report has the figures so far and the notice's own `reason`.
    public var run: RunFinished

    public init(kind: Kind, run: RunFinished) {
        self.kind = kind
        self.run = run
    }
}
