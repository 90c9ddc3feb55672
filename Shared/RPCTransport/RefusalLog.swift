import Logging
import NIOCore
import Synchronization

/// Tells of strangers that were refused: each at debug, and together in one line now and then, so that whoever scans
/// ports cannot fill the log.
final class RefusalLog: Sendable {
    private let logger: Logger
    private let tally: Mutex<RefusalTally>

    init(_ logger: Logger, every interval: TimeAmount) {
        self.logger = logger
        tally = Mutex(RefusalTally(interval: interval))
    }

    /// - Parameter reason: A stable snake_case key.
    func note(_ reason: String, _ channel: any Channel) {
        let metadata: Logger.Metadata = [
            "reason": "\(reason)", "address": "\(channel.remoteAddress?.ipAddress ?? "unknown")",
        ]
        logger.debug("stranger refused", metadata: metadata)
        switch tally.withLock({ $0.refused(at: .now()) }) {
        case .report(let count): report(count, metadata)
        case .reportLater(let deadline):
            channel.eventLoop.scheduleTask(deadline: deadline) { [self] in
                report(tally.withLock { $0.due(at: .now()) }, metadata)
            }
        case .countOnly: break
        }
    }

    /// - Parameter example: What one of them was refused for, and where it came from.
    private func report(_ count: Int, _ example: Logger.Metadata) {
        var metadata = example
        metadata["count"] = "\(count)"
        logger.notice("strangers refused", metadata: metadata)
    }
}

/// Counts refusals between two reports. The first is reported at once, those that follow when the interval is over.
struct RefusalTally {
    enum Action: Equatable {
        case report(count: Int)
        /// Ask ``due(at:)`` then.
        case reportLater(NIODeadline)
        /// A report is due anyway.
        case countOnly
    }

    let interval: TimeAmount
    private var count = 0
    private var lastReport: NIODeadline?

    init(interval: TimeAmount) { self.interval = interval }

    mutating func refused(at now: NIODeadline) -> Action {
        count += 1
        // Only the first after a report asks for the next one; while that is due, also when it is late, the rest count.
        guard count == 1 else { return .countOnly }
        guard let lastReport, now < lastReport + interval else { return .report(count: due(at: now)) }
        return .reportLater(lastReport + interval)
    }

    /// Takes what was counted since the last report.
    mutating func due(at now: NIODeadline) -> Int {
        lastReport = now
        defer { count = 0 }
        return count
    }
}
