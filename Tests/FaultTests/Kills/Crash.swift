/// One crash that is to be made.
struct Crash: Sendable, CustomStringConvertible {
    /// What a service is at work on when it crashes.
    enum Work: String {
        /// What ``CrashRecipe`` says for the point.
        case usual
        case rollback
        case release
    }

    var service: String
    var point: String
    var work: Work

    init(_ service: String, _ point: String, _ work: Work = .usual) {
        self.service = service
        self.point = point
        self.work = work
    }

    var description: String { work == .usual ? point : "\(point) in a \(work)" }
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
