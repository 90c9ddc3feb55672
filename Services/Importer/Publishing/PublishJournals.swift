import Connectors
import CoreTypes
import FoundationEssentials
import Logging
import SchedulerAPI
import Synchronization

/// The folder of an importer's publish journals, one file for each publish to a shop without staging:
/// `<connection>.<token>.<run>.journal`.
struct PublishJournals: Sendable {
    /// Finished publishes of a connection that can be taken back.
    static let keptMax = 3
    private static let suffix = ".journal"

    private let folder: String
    let inHand = ConnectionsInHand()
    private let known = HalfDonePublishes()

    /// Creates the folder when it is not there.
    init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Which publish a file is of.
    struct Name: Sendable, Hashable {
        var connection: ConnectionID
        var token: Int64
        var run: RunID
        fileprivate var file: String { "\(connection.rawValue).\(token).\(run.rawValue)\(suffix)" }
    }

    /// An empty journal; what an earlier plan of the run left is thrown away.
    func create(for run: ClaimedRun, at now: Instant) async throws -> PublishJournal {
        let name = Name(connection: run.connectionID, token: run.fencingToken, run: run.runID)
        discard(name)
        let previous = try await liveRun(before: run)
        let journal = try make(name)
        try await journal.begin(name, shop: run.target.shop, after: previous, at: now)
        return journal
    }

    /// Whose set the shop shows, as far as this importer's journals tell before `run` publishes: that of the newest publish
    /// that is at its end, or what was there before those that were taken back since.
    ///
    /// - Returns: nil when that is not known: another importer has had the connection since, or something stands half done.
    func liveRun(before run: ClaimedRun) async throws -> RunID? {
        var found: RunID?
        for name in try names(of: run.connectionID) where name.token < run.fencingToken && run.isOurs(name.token) {
            guard let journal = try open(name) else { continue }
            defer { journal.close() }
            guard let record = try await journal.record(), record.state.isBegun else { continue }
            guard record.shop == run.target.shop else { return found }
            switch record.state {
            case .done: return name.run
            case .reverted: found = record.previousRun
            case .planning, .planned, .pushing, .reverting, .overtaken: return nil
            }
        }
        return found
    }

    /// - Returns: nil when there is no such journal.
    func open(_ name: Name) throws -> PublishJournal? {
        FileManager.default.fileExists(atPath: path(name)) ? try make(name) : nil
    }

    private func make(_ name: Name) throws -> PublishJournal {
        try PublishJournal(path: path(name)) { [known] in known.note(name, isHalfDone: $0.isUnfinished) }
    }

    /// Publishes that stand half done, the newest first.
    func halfDone() async throws -> [Name] {
        if !known.isComplete {
            for name in try names() {
                guard let journal = try open(name) else { continue }
                defer { journal.close() }
                if try await journal.record()?.state.isUnfinished == true { known.note(name, isHalfDone: true) }
            }
            known.complete()
        }
        return known.names.sorted { $0.token > $1.token }
    }

    func open(_ run: ClaimedRun) throws -> PublishJournal? {
        try open(Name(connection: run.connectionID, token: run.fencingToken, run: run.runID))
    }

    /// The newest first.
    func names(of connection: ConnectionID) throws -> [Name] { try names().filter { $0.connection == connection } }

    private func names() throws -> [Name] {
        try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(Self.name)
            .sorted { $0.token > $1.token }
    }

    func discard(_ name: Name) {
        known.note(name, isHalfDone: false)
        // The file itself last: while it is there, what lies beside it is found again.
        for side in ["-wal", "-shm", ""] { try? FileManager.default.removeItem(atPath: path(name) + side) }
    }

    /// Throws away the journal of a run that has not sent anything.
    func discardUnbegun(_ run: ClaimedRun) async throws {
        let name = Name(connection: run.connectionID, token: run.fencingToken, run: run.runID)
        guard let journal = try open(name) else { return }
        let state = try await journal.record()?.state
        journal.close()
        if state?.isBegun != true { discard(name) }
    }

    /// Keeps the journals of the last publishes up to a token, and throws away older ones and those that were taken back.
    /// What a newer run is planning is its own. One that was
    /// overtaken stays until a newer publish is there; so does the last that was taken back when there is no other, for only
    /// it says whose set the shop shows.
    func prune(_ connection: ConnectionID, upTo token: Int64) async throws {
        var kept = 0
        var isAnyDone = false
        var takenBack: [Name] = []
        for name in try names(of: connection) where name.token <= token {
            guard let journal = try open(name) else { continue }
            let (state, isEmpty) = (try await journal.record()?.state, try await journal.isEmpty)
            journal.close()
            switch state {
            case .done where kept < Self.keptMax:
                isAnyDone = true
                // One without rows, as going back to a set is, takes nobody's place.
                kept += isEmpty ? 0 : 1
            case .pushing, .reverting: break
            case .overtaken where !isAnyDone: break
            case .reverted where !isAnyDone: takenBack.append(name)
            default: discard(name)
            }
        }
        for name in isAnyDone ? takenBack : takenBack.dropLast() { discard(name) }
    }

    /// Notes in the journals of earlier runs that this importer has the connection, before anything can go wrong.
    ///
    /// Only when no other importer has had the connection since may an unfinished one still be brought to its end. Otherwise
    /// its rows are not known to be ours any more, and it is closed. The scheduler says so; from one of an earlier version it
    /// is told by the tokens: no claim may lie between.
    func noteClaim(_ run: ClaimedRun, _ logger: Logger) async throws {
        for name in try names(of: run.connectionID) where name.token < run.fencingToken {
            guard let journal = try open(name) else { continue }
            defer { journal.close() }
            guard let record = try await journal.record(), record.state.isBegun else {
                discard(name)
                continue
            }
            guard record.state.isUnfinished else { continue }
            guard let why = record.obstacle(to: run) else {
                try await journal.note(token: run.fencingToken)
                continue
            }
            try await journal.enter(.overtaken)
            logger.notice(
                "A publish that was left half done is not gone on with.",
                metadata: [
                    "run.id": "\(name.run)", "connection.id": "\(name.connection)", "by": "\(run.runID)",
                    "why": "\(why)",
                ])
        }
    }

    /// Notes that the shop shows the set of an earlier run again, under the name of the run that brought it back: for those
    /// who know it by that.
    func recordReturn(to wanted: RunID, by run: ClaimedRun, at now: Instant) async throws {
        let name = Name(connection: run.connectionID, token: run.fencingToken, run: run.runID)
        discard(name)
        let journal = try make(name)
        defer { journal.close() }
        try await journal.begin(name, shop: run.target.shop, after: wanted, at: now)
        try await journal.enter(.done)
    }

    private func path(_ name: Name) -> String { "\(folder)/\(name.file)" }

    private static func name(_ file: String) -> Name? {
        guard file.hasSuffix(suffix) else { return nil }
        let parts = file.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let connection = ConnectionID(parts[0]), let token = Int64(parts[1]),
            let run = RunID(parts[2])
        else { return nil }
        return Name(connection: connection, token: token, run: run)
    }
}

extension PublishJournal.Record {
    /// Why a later run may not bring it to its end; nil when it may.
    fileprivate func obstacle(to run: ClaimedRun) -> String? {
        if shop != run.target.shop { return "the connection has another shop now" }
        let isOurs = run.othersToken.map { name.token > $0 } ?? (seenToken + 1 >= run.fencingToken)
        return isOurs ? nil : "others had the connection since"
    }
}

extension ClaimedRun {
    /// Whether no other importer has had the connection since a token of ours; true when that is not known.
    func isOurs(_ token: Int64) -> Bool { othersToken.map { token > $0 } ?? true }
}

/// Which publishes stand half done, so that nobody has to open each journal to know.
private final class HalfDonePublishes: Sendable {
    private let state = Mutex<(names: Set<PublishJournals.Name>, isComplete: Bool)>(([], false))

    func note(_ name: PublishJournals.Name, isHalfDone: Bool) {
        state.withLock { state in
            if isHalfDone { state.names.insert(name) } else { state.names.remove(name) }
        }
    }

    /// All that an earlier process left has been looked at.
    func complete() { state.withLock { $0.isComplete = true } }

    var isComplete: Bool { state.withLock { $0.isComplete } }
    var names: Set<PublishJournals.Name> { state.withLock { $0.names } }
}

/// The connections whose journals a task of this process is at work on: one at a time each.
final class ConnectionsInHand: Sendable {
    private let connections = Mutex<Set<ConnectionID>>([])

    /// Waits until nobody else is at work on the connection. Whoever is has been superseded by the one that waits, or is
    /// about to end.
    func holding<Value: Sendable>(
        _ connection: ConnectionID, _ clock: any Clock<Duration>, _ body: () async throws -> Value
    ) async throws -> Value {
        while !connections.withLock({ $0.insert(connection).inserted }) {
            try await clock.sleep(for: .milliseconds(20))
        }
        defer { connections.withLock { _ = $0.remove(connection) } }
        return try await body()
    }
}
