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
            guard let shown = live[upload.module], var made = committed[upload.module] else { continue }
            // Where there are no versions, count and keys say all that can be said.
            if !hasVersions { made.version = shown.version }
            var dataset = ReadBack.Dataset(upload: upload, committed: made, live: shown, keys: .unknown)
            // Keys of another version say nothing about ours.
            if shown.version == made.version { dataset.keys = try await keys(of: dataset) }
            datasets.append(dataset)
        }
        crashPoints.passing(.readBackCompared)
        return ReadBack(datasets: datasets)
    }

    private var hasVersions: Bool {
        if case .staged = target.way { true } else { false }
    }

    private func keys(of dataset: ReadBack.Dataset) async throws -> ReadBack.Keys {
        do {
            guard let listing = try await target.keyListing(of: dataset.module) else { return .unknown }
            try await room.beginKeys(of: dataset.module)
            try await walk(listing, dataset)
            guard try await !room.keysAreEqual else { return .equal }
            try await room.beginNamingKeys()
            try await walk(listing, dataset)
            let difference = try await room.nameKeys()
            guard difference.missingCount + difference.unexpectedCount > 0 else {
                throw unexpected("the list was another one the second time, and then what was staged")
            }
            return .differ(difference)
        } catch let foreign as ForeignRows {
            return .differ(
                KeyDifference(missing: [], missingCount: 0, unexpected: [], unexpectedCount: foreign.count))
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
            let page = try await read(bytes, dataset)
            rows += page.rows
            guard page.version == nil || page.version == dataset.live.version else {
                throw unexpected("the list is of another version than was committed")
            }
            // So many more than were staged are no list of what was published, wherever it ends.
            guard page.cursor == nil || rows <= rowsMax else { throw ForeignRows(count: rows - dataset.upload.total) }
            guard page.cursor == nil || page.cursor != cursor && page.rows > 0 else {
                throw unexpected("the list of keys does not end")
            }
            board.touch()
            crashPoints.passing(.readBackPage)
            cursor = page.cursor
        } while cursor != nil
    }

    /// - Throws: ``ForeignRows`` when a row has no key, and our version is still the one that is live.
    private func read(_ bytes: [UInt8], _ dataset: ReadBack.Dataset) async throws -> ShopKeyPage {
        do {
            return try await room.readKeys(bytes)
        } catch let error as StagingError {
            guard case .page(let failure) = error, failure.kind == .rowWithoutKey,
                try await target.live([dataset.module])[dataset.module]?.version == dataset.live.version
            else { throw error }
            throw ForeignRows(count: 1)
        }
    }

    private func unexpected(_ what: String) -> SystemFault { SystemFault(.answer, what, system: target.system) }
}

/// The shop lists rows that cannot be what was published; at least so many.
private struct ForeignRows: Error {
    var count: Int
}
