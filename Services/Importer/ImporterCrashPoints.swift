import CoreTypes
import Staging

/// The places between two durable steps of a run, or between one and an effect outside, where a test may end the process.
enum CrashPoint: String, CaseIterable {
    // Reading
    case claimAnswered = "importer.claim.answered"
    case claimed = "importer.claimed"
    case admitted = "importer.admitted"
    case readNoted = "importer.read.noted"
    case pageTakenOver = "importer.page.takenOver"
    case readResumed = "importer.read.resumed"
    case stagingCreated = "importer.staging.created"
    case pageStaged = "importer.page.staged"
    case stagingSealed = "importer.staging.sealed"
    case pageSwept = "importer.page.swept"
    // Judging
    case shopListRecorded = "importer.shopList.recorded"
    case judged = "importer.judged"
    case compared = "importer.compared"
    // Uploading
    case sessionOpened = "importer.session.opened"
    case sessionRecorded = "importer.session.recorded"
    case chunkSent = "importer.chunk.sent"
    case uploaded = "importer.uploaded"
    case uploadOutdated = "importer.upload.outdated"
    // The commit
    case commitIntended = "importer.commit.intended"
    case commitAnswered = "importer.commit.answered"
    case commitRecorded = "importer.commit.recorded"
    case doubtRecorded = "importer.doubt.recorded"
    case adopted = "importer.adopted"
    case displacedForgotten = "importer.displaced.forgotten"
    // Row by row, at a shop without staging
    case pushPlanned = "importer.push.planned"
    case pushIntended = "importer.push.intended"
    case pushBegun = "importer.push.begun"
    case rowsIntended = "importer.rows.intended"
    case rowsSent = "importer.rows.sent"
    case rowsRecorded = "importer.rows.recorded"
    case pushAnswered = "importer.push.answered"
    case pushRecorded = "importer.push.recorded"
    case pushFinished = "importer.push.finished"
    case pushSuspended = "importer.push.suspended"
    case earlierEnded = "importer.push.earlierEnded"
    case revertIntended = "importer.revert.intended"
    case revertNoted = "importer.revert.noted"
    case revertBegun = "importer.revert.begun"
    case rowsRevertIntended = "importer.rows.revertIntended"
    case rowsReverted = "importer.rows.reverted"
    case rowsRevertRecorded = "importer.rows.revertRecorded"
    case revertRecorded = "importer.revert.recorded"
    // Reading back
    case readBackCounted = "importer.readBack.counted"
    case readBackPage = "importer.readBack.page"
    case readBackCompared = "importer.readBack.compared"
    case readBackForgotten = "importer.readBack.forgotten"
    // The end
    case reportRecorded = "importer.report.recorded"
    case left = "importer.left"
    case reportDelivered = "importer.report.delivered"
    case heldRecorded = "importer.held.recorded"
    case stagingDiscarded = "importer.staging.discarded"
    case removed = "importer.removed"
    // What an earlier process left
    case recoveryAborted = "importer.recovery.aborted"
    case recoveryDiscarded = "importer.recovery.discarded"
    case recoveryRecognised = "importer.recovery.recognised"
    case recoveryRecorded = "importer.recovery.recorded"

    /// Passed only at a shop that does not stage.
    var isDirect: Bool {
        ["importer.push.", "importer.rows.", "importer.revert."].contains { rawValue.hasPrefix($0) }
    }

    /// Passed only where pages can be entered in the middle: a read is noted there, and gone on with after a crash.
    var isResuming: Bool { [.readNoted, .pageTakenOver, .readResumed].contains(self) }

    /// Passed only when such a shop goes back to an earlier set.
    var isOnlyInRollbacks: Bool { self == .revertNoted || self == .revertRecorded }

    /// Passed only where something unusual happens outside: another importer has published, somebody else changes the
    /// shop, the shop falls silent at the commit.
    var isRare: Bool {
        switch self {
        case .shopListRecorded, .uploadOutdated, .doubtRecorded, .displacedForgotten, .heldRecorded, .recoveryAborted,
            .recoveryDiscarded:
            true
        default: false
        }
    }
}

extension ImporterService {
    /// The names that `CRASH_AT` takes in this service and that a run passes on its way, with a sweep, a difference at
    /// the read-back, or a restart.
    public static let crashPoints =
        CrashPoint.allCases.filter { !$0.isRare && !$0.isDirect && !$0.isResuming }.map(\.rawValue)
        + PublishedSet.crashPoints

    /// Those that only unusual circumstances lead to.
    public static let rareCrashPoints = CrashPoint.allCases.filter(\.isRare).map(\.rawValue)

    /// Those of a source whose pages can be entered in the middle.
    public static let resumingCrashPoints = CrashPoint.allCases.filter(\.isResuming).map(\.rawValue)

    /// Those of a run that publishes row by row, to a shop without staging.
    public static let directCrashPoints =
        CrashPoint.allCases.filter { $0.isDirect && !$0.isOnlyInRollbacks }.map(\.rawValue)

    /// Those that only going back to an earlier set passes there, beside those of taking back what was half done.
    public static let rollbackCrashPoints = CrashPoint.allCases.filter(\.isOnlyInRollbacks).map(\.rawValue)
}

extension CrashPoints {
    func passing(_ point: CrashPoint) { passing(point.rawValue) }
}
