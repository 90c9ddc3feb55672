import Connectors
import CoreTypes
import SchedulerAPI
import Staging

/// Sends what differs to the shop's staging area and checks that all of it arrived. Nothing is live afterwards.
struct Uploader: Sendable {
    let target: any StagedTarget
    let room: StagingRoom
    let board: ProgressBoard
    let crashPoints: CrashPoints
    /// Chunks under way at once.
    var chunksInFlight = 3

    /// - Parameter record: Notes an opened session durably before anything is sent to it.
    func upload(
        _ uploads: [PlannedUpload], for run: PublishingRun,
        record: @Sendable ([UploadSession]) async throws -> Void
    ) async throws -> [UploadSession] {
        board.update { progress in
            progress.sent = 0
            progress.toPublish = uploads.reduce(0) { $0 + $1.count }
        }
        var sessions: [UploadSession] = []
        for upload in uploads {
            sessions.append(try await target.open(upload.plan, for: run))
            crashPoints.passing(.sessionOpened)
            try await record(sessions)
            crashPoints.passing(.sessionRecorded)
        }
        for (upload, session) in zip(uploads, sessions) {
            let batches = try await send(upload, to: session)
            try await target.check(session, batches: batches)
        }
        crashPoints.passing(.uploaded)
        return sessions
    }

    /// - Returns: How many batches were sent.
    private func send(_ upload: PlannedUpload, to session: UploadSession) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            var sent = 0
            var underWay = 0
            while let batch = try await room.nextBatch(of: upload) {
                if underWay == chunksInFlight, let rows = try await group.next() {
                    underWay -= 1
                    board.update { $0.sent += rows }
                }
                group.addTask {
                    try await target.send(batch, to: session)
                    crashPoints.passing(.chunkSent)
                    return batch.rowCount
                }
                underWay += 1
                sent += 1
            }
            for try await rows in group { board.update { $0.sent += rows } }
            return sent
        }
    }
}
