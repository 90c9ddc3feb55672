import ImporterService

/// One crash that is to be made.
struct Crash: Sendable, CustomStringConvertible {
    /// What a service is at work on when it crashes.
    enum Work: String {
        /// What ``CrashRecipe`` says for the point.
        case usual
        case rollback
        case release
        /// A rollback at a shop without staging.
        case directRollback
        /// A publish to such a shop that was left half done when its connection was switched off.
        case leftover
    }

    var service: String
    var point: String
    var work: Work

    init(_ service: String, _ point: String, _ work: Work = .usual) {
        self.service = service
        self.point = point
        self.work = work
    }

    var description: String { work == .usual ? point : "\(point) in a \(work.rawValue)" }
}

extension Crash {
    /// Where a run passes that brings an earlier set back.
    static let inRollbacks: [Crash] = [
        ("scheduler", ["claimRun.uncommitted", "claimRun.committed", "finishRun.uncommitted", "finishRun.committed"]),
        (
            "importer",
            [
                "claim.answered", "claimed", "admitted", "commit.intended", "commit.answered", "commit.recorded",
                "adopted", "report.recorded", "left", "report.delivered", "removed", "recovery.recognised",
                "recovery.recorded",
            ]
        ),
    ].flatMap { service, points in points.map { Crash(service, "\(service).\($0)", .rollback) } }

    /// Where a run passes that takes a shop without staging back to an earlier set, row by row.
    static let inDirectRollbacks: [Crash] =
        (ImporterService.rollbackCrashPoints + [
            "importer.revert.begun", "importer.rows.revertIntended", "importer.rows.reverted",
            "importer.rows.revertRecorded", "importer.adopted",
        ]).map { Crash("importer", $0, .directRollback) }

    /// Where what is half done is finished although its connection is switched off.
    static let inLeftovers: [Crash] =
        onlyInLeftovers.map { Crash("scheduler", $0, .leftover) }
        + ["importer.rows.sent", "importer.push.earlierEnded"].map { Crash("importer", $0, .leftover) }

    /// Passed nowhere else.
    static let onlyInLeftovers = ["scheduler.resumePush.uncommitted", "scheduler.resumePush.committed"]

    /// Where a run passes that publishes what was held.
    static let inReleases: [Crash] = [
        ("scheduler", ["claimRun.uncommitted", "claimRun.committed", "finishRun.uncommitted", "finishRun.committed"]),
        ("monitor", ["judge.uncommitted", "judge.committed"]),
        (
            "importer",
            [
                "claimed", "admitted", "judged", "compared", "session.recorded", "chunk.sent", "uploaded",
                "commit.intended", "commit.answered", "commit.recorded", "adopted", "readBack.compared",
                "report.recorded", "left", "report.delivered", "recovery.aborted", "recovery.recognised",
                "recovery.recorded",
            ]
        ),
    ].flatMap { service, points in points.map { Crash(service, "\(service).\($0)", .release) } }
}
