public import CoreTypes
import FoundationEssentials

/// The folder of an importer's staging files: `<run>.<token>.<created, ms>.staging`.
public struct StagingFolder: Sendable {
    private static let suffix = ".staging"
    public let path: String

    private struct Entry {
        var name: String
        var run: RunID
        var token: Int64
    }

    /// Creates the folder when it is not there.
    public init(path: String) throws(StagingError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .file("the folder cannot be created")
        }
    }

    /// A new, empty file for a run; leftovers of earlier attempts of the run are removed.
    public func create(
        run: RunID, token: Int64, mapping: CompiledMapping, pages: PageLayout, at now: Instant
    ) throws(StagingError) -> StagingFile {
        try discard(run: run)
        return try StagingFile(
            creating: "\(path)/\(run.rawValue).\(token).\(now.milliseconds)\(Self.suffix)", run: run, token: token,
            mapping: mapping, pages: pages)
    }

    /// The file of a run that is held, or that another process has begun.
    ///
    /// - Throws: `.notFound`, `.otherRun` (also another token), `.otherMapping`.
    public func reopen(
        run: RunID, token: Int64, mapping: CompiledMapping, pages: PageLayout
    ) throws(StagingError) -> StagingFile {
        try StagingFile(
            opening: try file(of: run, token), run: run, token: token, mapping: mapping, pages: pages)
    }

    /// The pages a process before this one had committed when it was killed.
    ///
    /// - Throws: `.notFound`, `.otherRun` (also another token), `.otherMapping`, `.damaged`.
    public func keptPages(run: RunID, token: Int64, mapping: CompiledMapping) throws(StagingError) -> KeptPages {
        try KeptPages(opening: try file(of: run, token), run: run, token: token, mapping: mapping)
    }

    private func file(of run: RunID, _ token: Int64) throws(StagingError) -> String {
        let entries = try entries().filter { $0.run == run }
        guard let entry = entries.first(where: { $0.token == token }) else {
            throw entries.isEmpty ? .notFound : .otherRun
        }
        return "\(path)/\(entry.name)"
    }

    /// Removes all files of a run.
    public func discard(run: RunID) throws(StagingError) {
        for entry in try entries() where entry.run == run { Self.remove("\(path)/\(entry.name)") }
    }

    /// Removes the files of all runs but those to keep, however old these are, and what lies beside no set.
    ///
    /// - Returns: how many sets were removed.
    @discardableResult
    public func sweep(keep: Set<RunID>) throws(StagingError) -> Int {
        let stale = try entries().filter { !keep.contains($0.run) }
        for entry in stale { Self.remove("\(path)/\(entry.name)") }
        let names = Set(try names())
        for name in names {
            guard let side = Self.sideFiles.first(where: { name.hasSuffix(Self.suffix + $0) }),
                !names.contains(String(name.dropLast(side.count)))
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        return stale.count
    }

    /// What SQLite keeps beside a file; the last two in WAL mode only.
    private static let sideFiles = ["-journal", "-wal", "-shm"]

    /// The set itself goes last: while it is there, what was left beside it is found again.
    static func remove(_ path: String) {
        for suffix in sideFiles + [""] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private func entries() throws(StagingError) -> [Entry] { try names().compactMap(Self.entry) }

    private func names() throws(StagingError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .file("the folder cannot be read")
        }
    }

    private static func entry(_ name: String) -> Entry? {
        guard name.hasSuffix(suffix) else { return nil }
        let parts = name.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let run = RunID(String(parts[0])), let token = Int64(parts[1]),
            Int64(parts[2]) != nil
        else { return nil }
        return Entry(name: name, run: run, token: token)
    }
}
