import Connectors
import CoreTypes
import FoundationEssentials
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

    /// Creates the folder when it is not there.
    init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Which publish a file is of.
    struct Name: Sendable, Equatable {
        var connection: ConnectionID
        var token: Int64
        var run: RunID
        fileprivate var file: String { "\(connection.rawValue).\(token).\(run.rawValue)\(suffix)" }
    }

    /// An empty journal; what an earlier plan of the run left is thrown away.
    func create(for run: ClaimedRun, at now: Instant) async throws -> PublishJournal {
        let name = Name(connection: run.connectionID, token: run.fencingToken, run: run.runID)
        discard(name)
        let previous = try await lastDone(of: run)
        let journal = try PublishJournal(path: path(name))
        try await journal.begin(name, shop: run.target.shop, after: previous, at: now)
        return journal
    }

    /// The newest publish to this shop that is at its end.
    private func lastDone(of run: ClaimedRun) async throws -> RunID? {
        for name in try names(of: run.connectionID) where name.token < run.fencingToken {
            guard let journal = try open(name) else { continue }
            defer { journal.close() }
            if let record = try await journal.record(), record.state == .done, record.shop == run.target.shop {
                return name.run
            }
        }
        return nil
    }

    /// - Returns: nil when there is no such journal.
    func open(_ name: Name) throws -> PublishJournal? {
        FileManager.default.fileExists(atPath: path(name)) ? try PublishJournal(path: path(name)) : nil
    }

    func open(_ run: ClaimedRun) throws -> PublishJournal? {
        try open(Name(connection: run.connectionID, token: run.fencingToken, run: run.runID))
    }

    /// The newest first.
    func names(of connection: ConnectionID) throws -> [Name] {
        try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(Self.name)
            .filter { $0.connection == connection }.sorted { $0.token > $1.token }
    }

    func discard(_ name: Name) {
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

    /// Keeps the journals of the last publishes, and throws away older ones and those that were taken back. One that was
    /// overtaken stays until a newer publish is there.
    func prune(_ connection: ConnectionID) async throws {
        var kept = 0
        for name in try names(of: connection) {
            guard let journal = try open(name) else { continue }
            let state = try await journal.record()?.state
            journal.close()
            switch state {
            case .done where kept < Self.keptMax: kept += 1
            case .pushing, .reverting: break
            case .overtaken where kept == 0: break
            default: discard(name)
            }
        }
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
