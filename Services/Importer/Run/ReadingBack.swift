import Connectors
import CoreTypes
import Logging
import Outbound
import SchedulerAPI
import Staging

/// Asks the shop what it shows after a commit and compares it with what was staged: version, count and keys.
///
/// Reads only. A list of keys that breaks off is no fault of the run: what was published stays published, and the
/// report says which check was not made.
struct ReadingBack: Sendable {
    let target: any TargetConnector
    let room: StagingRoom
    let board: ProgressBoard
    let crashPoints: CrashPoints
    let logger: Logger

    /// - Parameter committed: What the shop said it made live.
    /// - Throws: ``SystemFault`` when the shop does not say what it shows.
    func read(_ uploads: [PlannedUpload], committed: [Module: LiveDataset]) async throws -> ReadBack {
        let live = try await target.live(uploads.map(\.module))
        crashPoints.passing(.readBackCounted)
        var datasets: [ReadBack.Dataset] = []
        for upload in uploads {
            guard let shown = live[upload.module], let made = committed[upload.module] else { continue }
            var dataset = ReadBack.Dataset(upload: upload, committed: made, live: shown, keys: .unknown)
            // Keys of another version say nothing about ours.
            if shown.version == made.version { dataset.keys = try await keys(of: dataset) }
            datasets.append(dataset)
        }
        crashPoints.passing(.readBackCompared)
        return ReadBack(datasets: datasets)
    }

    private func keys(of dataset: ReadBack.Dataset) async throws -> ReadBack.Keys {
        do {
            guard let listing = try await target.keyListing(of: dataset.module) else { return .unknown }
            try await room.beginKeys(of: dataset.module)
            try await walk(listing, dataset)
            guard try await !room.keysAreEqual else { return .equal }
            try await room.beginNamingKeys()
            try await walk(listing, dataset)
            return .differ(try await room.nameKeys())
        } catch let error where !(error is CancellationError) {
            logger.warning(
                "The keys of a dataset could not be read back.",
                metadata: ["module": "\(dataset.module.rawValue)", "error": "\(error)"])
            return .unknown
        }
    }

    private func walk(_ listing: KeyListing, _ dataset: ReadBack.Dataset) async throws {
        let rowsMax = 2 * max(dataset.upload.total, dataset.live.count) + 10_000
        var rows = 0
        var cursor: String?
        repeat {
            let bytes = try await target.keyPage(listing, after: cursor)
            let page = try await room.readKeys(bytes)
            rows += page.rows
            guard page.version == nil || page.version == dataset.live.version else {
                throw unexpected("the list is of another version than was committed")
            }
            guard page.cursor == nil || page.cursor != cursor && page.rows > 0 && rows <= rowsMax else {
                throw unexpected("the list of keys does not end")
            }
            board.touch()
            crashPoints.passing(.readBackPage)
            cursor = page.cursor
        } while cursor != nil
    }

    private func unexpected(_ what: String) -> SystemFault { SystemFault(.answer, what, system: target.system) }
}
