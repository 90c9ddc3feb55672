import Connectors
import CoreTypes
import Logging
import SchedulerAPI

/// Works through a journal, batch by batch: reads what the shop has, journals it, sends, and journals what became of it.
///
/// Killed at any point it can be begun again, in either direction: a row that was sent and not answered is looked at, and
/// what it has then says whether it was written.
struct RowPush: Sendable {
    let journal: PublishJournal
    let target: any DirectTarget
    /// Looked at right before each request that writes.
    let check: @Sendable () throws -> Void
    let board: ProgressBoard
    let crashPoints: CrashPoints
    let logger: Logger

    /// How often rows are read again that somebody else is writing at the same time.
    private static let roundsMax = 5

    /// Sends every row that is not at the shop yet.
    ///
    /// - Throws: ``RowRefused`` at the first row the shop will not have, ``SystemFault``, and what `check` throws.
    func push() async throws {
        let begun = try await journal.figures()
        // Noted when this was begun before, and whoever did so had no time left to take the rest back.
        if let refused = begun.refused { throw RowRefused(row: refused) }
        board.update { ($0.sent, $0.toPublish) = (begun.live, begun.planned) }
        let limit = try await target.batchRowsMax()
        var position = PushDirection.forward.start
        while true {
            let batch = try await journal.batch(.forward, beyond: position, limit: limit)
            guard let last = batch.last else { return }
            try await push(batch)
            position = last.position
            board.update { $0.sent = min($0.sent + batch.count, begun.planned) }
        }
    }

    private func push(_ batch: [JournaledRow]) async throws {
        var open = batch
        for round in 1...Self.roundsMax {
            let current = try await read(open)
            var changes: [PublishJournal.Change] = []
            var sending: [JournaledRow] = []
            for row in open {
                let now = current[row.key]
                if row.isAsSent(now) {
                    // Of our own earlier request when it was sent before: then what it took the place of is journaled.
                    changes.append(
                        row.state == .sent || round > 1 ? .settled(row, .applied) : .alreadyThere(row, now))
                } else {
                    changes.append(.sending(row, over: now))
                    sending.append(row)
                }
            }
            try await journal.note(changes)
            crashPoints.passing(.rowsIntended)
            guard !sending.isEmpty else { return }
            open = try await send(sending, current)
            guard !open.isEmpty else { return }
        }
        throw unsettled(open)
    }

    /// - Returns: Rows that somebody else has written meanwhile, or an earlier request of ours.
    private func send(_ rows: [JournaledRow], _ current: [String: ShopRow]) async throws -> [JournaledRow] {
        let outcomes = try await target.write(
            rows.map { RowChange(key: $0.key, body: $0.sent?.bytes, basis: current[$0.key]) }, of: rows[0].module,
            unless: check)
        crashPoints.passing(.rowsSent)
        var changed: [JournaledRow] = []
        var refused: PushedRow?
        var changes: [PublishJournal.Change] = []
        for (row, outcome) in zip(rows, outcomes) {
            switch outcome {
            case .written: changes.append(.settled(row, .applied))
            case .changed: changed.append(row)
            case .refused(_, let words):
                changes.append(.refused(row, words))
                refused = refused ?? row.told(words)
            }
        }
        try await journal.note(changes)
        crashPoints.passing(.rowsRecorded)
        if let refused { throw RowRefused(row: refused) }
        return changed
    }

    // MARK: Backwards

    /// Puts back what each row had before.
    ///
    /// A row somebody has changed since is put back too, so that the set of before is whole; what they had made of it
    /// stays in the journal.
    /// - Throws: ``RowRefused`` after all others, when the shop will not have an old row back.
    func revert() async throws {
        let begun = try await journal.figures()
        board.update { ($0.sent, $0.toPublish) = (begun.reverted, begun.applied) }
        // A shop that was never written to is not asked.
        guard begun.live > 0 else { return }
        let limit = try await target.batchRowsMax()
        var position = PushDirection.backward.start
        var stuck: PushedRow?
        while true {
            let batch = try await journal.batch(.backward, beyond: position, limit: limit)
            guard let last = batch.last else { break }
            let refused = try await revert(batch)
            stuck = stuck ?? refused
            position = last.position
            board.update { $0.sent = min($0.sent + batch.count, begun.applied) }
        }
        if let stuck { throw RowRefused(row: stuck) }
    }

    /// - Returns: The first row that could not be put back.
    private func revert(_ batch: [JournaledRow]) async throws -> PushedRow? {
        var open = batch
        var stuck: PushedRow?
        for _ in 1...Self.roundsMax {
            let current = try await read(open)
            let sending = try await sortOut(open, current)
            crashPoints.passing(.rowsRevertIntended)
            guard !sending.isEmpty else { return stuck }
            let outcomes = try await target.write(
                sending.map { RowChange(key: $0.key, body: $0.old?.bytes, basis: current[$0.key]) },
                of: sending[0].module, unless: check)
            crashPoints.passing(.rowsReverted)
            open = []
            var changes: [PublishJournal.Change] = []
            for (row, outcome) in zip(sending, outcomes) {
                switch outcome {
                case .written: changes.append(.settled(row, .reverted))
                case .changed: open.append(row)
                case .refused(_, let words):
                    changes.append(.stuck(row, words))
                    stuck = stuck ?? row.told(words)
                }
            }
            try await journal.note(changes)
            crashPoints.passing(.rowsRevertRecorded)
            guard !open.isEmpty else { return stuck }
        }
        throw unsettled(open)
    }

    /// Notes what needs no sending.
    ///
    /// - Returns: What does.
    private func sortOut(_ rows: [JournaledRow], _ current: [String: ShopRow]) async throws -> [JournaledRow] {
        var changes: [PublishJournal.Change] = []
        var sending: [JournaledRow] = []
        for row in rows {
            let now = current[row.key]
            // A row that was sent and is not as it was sent was never written, or is somebody else's by now.
            if row.state == .sent, !row.isAsSent(now) {
                changes.append(.settled(row, .planned))
                continue
            }
            if row.isAsBefore(now) {
                changes.append(.settled(row, .reverted))
                continue
            }
            if !row.isAsSent(now) {
                changes.append(.found(row, now))
                logger.notice(
                    "A row that somebody changed after it was published is put back all the same; the journal keeps theirs.",
                    metadata: ["module": "\(row.module.rawValue)", "key": "\(JournaledRow.words(row.key))"])
            }
            sending.append(row)
        }
        try await journal.note(changes)
        return sending
    }

    private func read(_ rows: [JournaledRow]) async throws -> [String: ShopRow] {
        try await target.rows(rows.map(\.key), of: rows[0].module)
    }

    private func unsettled(_ rows: [JournaledRow]) -> SystemFault {
        let key = rows.first.map { JournaledRow.words($0.key) } ?? ""
        return SystemFault(.shop, "somebody else keeps changing \(key) while it is written", system: target.system)
    }
}

/// The shop will not have a row, however often it is sent.
struct RowRefused: Error, Equatable {
    let row: PushedRow
}
