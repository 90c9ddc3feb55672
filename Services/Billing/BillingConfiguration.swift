public import ServiceRuntime

/// Billing's settings, read once at start.
///
/// - `billing.databasePath` (string, required): the SQLite file; its folder must exist.
public struct BillingConfiguration: Sendable, Equatable {
    public var databasePath: String

    /// - Throws: `SettingError`, which names the variable.
    public init(reading settings: Settings) throws {
        databasePath = try settings.string("billing.databasePath")
    }
}
