public import CoreTypes

/// Why a connection does or does not transfer, in one line, with what changes it.
public struct EffectiveState: Codable, Sendable, Equatable {
    /// The first that applies, from the top.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// The merchant's integration is switched off.
        case integrationOff
        /// Every module of the connection is switched off.
        case modulesOff
        case connectionOff
        /// Too many tries in a row have failed badly; waits for a person.
        case parked
        /// The last run was refused at the login of a system.
        case credentialsRefused
        /// Imports go on, but nothing is published.
        case frozen
        /// The last run is complete but waits for a person.
        case importHeld
        case running
        /// Queued; waits for an importer.
        case queued
        case waitingForNextRun
        /// Its schedule makes no sense any more and was stopped.
        case scheduleStopped
        /// Has no schedule; waits for somebody to start it.
        case manualOnly
    }

    /// What would change the state: the page's button, the command line's next command.
    public enum Remedy: String, Codable, Sendable, CaseIterable {
        case switchOnIntegration, switchOnModule, switchOnConnection, releaseConnection, updateCredentials,
            reviewHeldRun, startRun, watchRun, setSchedule, unfreeze
    }

    /// Whether the connection may start runs by itself or by hand.
    public var mayRun: Bool
    public var reason: Reason
    /// Modules of this connection that are switched off, also when others still run.
    public var modulesOff: [Module]
    /// Since when it is so; for a switch that is off, when it was switched off.
    public var since: Instant?
    /// Who switched it off.
    public var by: String?
    /// Why, in that person's words.
    public var why: String?
    /// The next run; nil while paused, so that nobody is shown a time that will not come.
    public var nextRunAt: Instant?
    /// The run that the state comes from: in hand, held, refused at login or the last failed try.
    public var runID: RunID?
    public var remedy: Remedy

    public init(
        mayRun: Bool, reason: Reason, modulesOff: [Module] = [], since: Instant? = nil, by: String? = nil,
        why: String? = nil, nextRunAt: Instant? = nil, runID: RunID? = nil, remedy: Remedy
    ) {
        self.mayRun = mayRun
        self.reason = reason
        self.modulesOff = modulesOff
        self.since = since
        self.by = by
        self.why = why
        self.nextRunAt = nextRunAt
        self.runID = runID
        self.remedy = remedy
    }

    public static var example: EffectiveState {
        EffectiveState(
            mayRun: true, reason: .waitingForNextRun, nextRunAt: .example + .seconds(900), remedy: .startRun)
    }
}
