public import ServiceRuntime

/// The scheduler's settings, read once at start.
///
/// - `scheduler.databasePath` (string, required): the SQLite file; its folder must exist.
/// - `scheduler.leaseSeconds` (int, default 15, 3 to 300): a run without a sign of life for so long is lost.
/// - `scheduler.preferenceSeconds` (int, default 3, 0 to 60): how long a run waits for the importer that last published
///   the connection before any other may take it.
/// - `scheduler.runsPerMerchant` (int, default 1, 1 to 16): how many runs of one merchant may be in hand at once.
/// - `scheduler.parkAfter` (int, default 5, 2 to 100): after so many badly failed tries in a row a connection is parked.
/// - `scheduler.dueRunsSeconds` (int, default 1, 1 to 60): pause between looks for due runs.
/// - `scheduler.sweepSeconds` (int, default 30, 5 to 60): pause between sweeps for schedules that stand still.
public struct SchedulerConfiguration: Sendable, Equatable {
    public var databasePath: String
    public var lease: Duration
    public var preferenceWindow: Duration
    public var runsPerMerchant: Int
    public var parkAfter: Int
    public var dueRunsInterval: Duration
    public var sweepInterval: Duration

    /// The defaults, for tests and simulations.
    public init(
        databasePath: String = "", lease: Duration = .seconds(15), preferenceWindow: Duration = .seconds(3),
        runsPerMerchant: Int = 1, parkAfter: Int = 5,
        dueRunsInterval: Duration = .seconds(1), sweepInterval: Duration = .seconds(30)
    ) {
        self.databasePath = databasePath
        self.lease = lease
        self.preferenceWindow = preferenceWindow
        self.runsPerMerchant = runsPerMerchant
        self.parkAfter = parkAfter
        self.dueRunsInterval = dueRunsInterval
        self.sweepInterval = sweepInterval
    }

    /// - Throws: `SettingError`, which names the variable and its range.
    public init(reading settings: Settings) throws {
        try self.init(
            databasePath: settings.string("scheduler.databasePath"),
            lease: .seconds(settings.int("scheduler.leaseSeconds", default: 15, in: 3...300)),
            preferenceWindow: .seconds(settings.int("scheduler.preferenceSeconds", default: 3, in: 0...60)),
            runsPerMerchant: settings.int("scheduler.runsPerMerchant", default: 1, in: 1...16),
            parkAfter: settings.int("scheduler.parkAfter", default: 5, in: 2...100),
            dueRunsInterval: .seconds(settings.int("scheduler.dueRunsSeconds", default: 1, in: 1...60)),
            sweepInterval: .seconds(settings.int("scheduler.sweepSeconds", default: 30, in: 5...60)))
    }
}
