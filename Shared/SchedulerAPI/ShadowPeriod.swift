public import CoreTypes

/// A time in which the imports of a connection are judged and not stopped, and what came of it.
public struct ShadowPeriod: Codable, Sendable, Equatable {
    /// When it was set.
    public var since: Instant
    public var until: Instant
    /// Imports that were let pass and would have been stopped otherwise, so far.
    public var stops: Int

    public init(since: Instant, until: Instant, stops: Int) {
        self.since = since
        self.until = until
        self.stops = stops
    }

    public static var example: ShadowPeriod {
        ShadowPeriod(since: .example - .seconds(7 * 86_400), until: .example, stops: 3)
    }
}
