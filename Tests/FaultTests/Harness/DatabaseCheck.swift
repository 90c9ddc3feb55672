import Foundation
import GRDB
import TestInstallation
import TestSupport

/// The databases of a service, looked at without the service. Only copies are opened: what a process left behind must be
/// found by the process after it, and by nobody before.
struct DatabaseCheck {
    let installation: Installation

    /// What SQLite finds wrong with any durable database of a service that does not run.
    func faults(of service: String) throws -> [String] {
        try paths(of: service).flatMap { path -> [String] in
            try read(path) { db in try String.fetchAll(db, sql: "PRAGMA integrity_check") }
                .filter { $0 != "ok" }.map { "\(path): \($0)" }
        }
    }

    /// Main databases and published sets; a staging file is thrown away, whatever it holds.
    private func paths(of service: String) -> [String] {
        installation.files(in: "data/\(service)").filter { $0.hasSuffix(".sqlite") && !$0.hasPrefix("staging/") }
            .map { "data/\(service)/\($0)" }
    }

    func read<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
        let folder = try TemporaryFolder("sluice-look")
        let copy = folder.file("copy.sqlite")
        for ending in ["", "-wal"] {
            let original = installation.folder.file("state/\(path)\(ending)")
            guard FileManager.default.fileExists(atPath: original) else { continue }
            try FileManager.default.copyItem(atPath: original, toPath: copy + ending)
        }
        let queue = try DatabaseQueue(path: copy)
        defer { try? queue.close() }
        return try queue.read(body)
    }

    /// The runs in an importer's journal.
    func journal(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT runID || ' ' || step FROM runJournal")
    }

    /// Changes a row behind the back of a service that does not run.
    func change(_ path: String, _ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        var configuration = Configuration()
        // The locks of a process that was killed go with its last thread, a moment after it seems to be gone.
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(
            path: installation.folder.file("state/\(path)"), configuration: configuration)
        try queue.write { db in try db.execute(sql: sql, arguments: arguments) }
        try queue.close()
    }
}
