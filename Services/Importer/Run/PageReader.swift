import Connectors
import CoreTypes
import Outbound
import SchedulerAPI
import Staging

/// Reads a source page by page into the staging file. The next page is asked for while the one before is committed.
struct PageReader: Sendable {
    let source: any SourceConnector
    let room: StagingRoom
    let patience: Patience
    let board: ProgressBoard
    let crashPoints: CrashPoints
    /// How many items the source says it has; nil when it cannot say.
    let counted: Int?
    /// How far a source is read that cannot say.
    let rowsMax: Int

    /// - Returns: How many pages there were.
    /// - Throws: ``SystemFault`` with the page it happened on; nothing of that page is staged.
    func read(_ pass: ReadingPass, _ selection: PageRequest.Selection) async throws -> Int {
        var request = PageRequest(selection)
        var opened: Result<HTTPBody, any Error>?
        var number = 1
        var rows = 0
        while true {
            let page = try await readPage(request, number, opened)
            try refuseEndless(after: rows, page)
            rows += page.rows
            if page.rows == 0, number > 1 {
                // The end, not a page: as evidence it would make the page before it look cut short.
                try await room.abandonPage()
                return number - 1
            }
            let cursor = try located(number) { try source.cursor(after: page, of: request) }
            request.cursor = cursor
            async let ahead = cursor == nil ? nil : openAhead(request)
            try await room.commitPage(cursor: cursor)
            crashPoints.passing(pass == .items ? .pageStaged : .pageSwept)
            if pass == .items {
                board.update { progress in
                    progress.page = number
                    progress.fetched += page.rows
                }
            }
            opened = await ahead
            guard cursor != nil else { return number }
            number += 1
        }
    }

    /// A source that goes on for twice its own count and more will go on until the disk is full.
    private func refuseEndless(after rows: Int, _ page: ReadPage) throws {
        guard page.rows > 0, rows > counted.map({ 2 * $0 }) ?? rowsMax else { return }
        let limit = counted.map { "twice the \($0) items that were counted" } ?? "\(rowsMax) items, without a count"
        throw SystemFault(.answer, "more than \(limit)", page: page.number, system: source.system)
    }

    /// Reads one page into the open transaction, again from its beginning when that fails in passing.
    private func readPage(
        _ request: PageRequest, _ number: Int, _ opened: Result<HTTPBody, any Error>?
    ) async throws -> ReadPage {
        var opened = opened
        do {
            return try await patience.retrying {
                let first = opened
                opened = nil
                do {
                    try await room.beginPage()
                    if let first { return try await stage(try first.get()) }
                    return try await stage(try await source.openPage(request))
                } catch {
                    try await room.abandonPage()
                    throw error
                }
            }
        } catch let fault as SystemFault {
            throw fault.on(page: number)
        }
    }

    private func stage(_ body: HTTPBody) async throws -> ReadPage {
        do {
            for try await bytes in body {
                board.touch()
                try await room.feed(bytes)
            }
            return try await room.finishPage()
        } catch let error as OutboundError {
            if case .cancelled = error { throw CancellationError() }
            throw SystemFault(error, of: source.system)
        } catch StagingError.page(let failure) {
            throw SystemFault(
                .answer, "the page cannot be read: \(failure.kind.rawValue) at byte \(failure.offset)", isPassing: true,
                system: source.system)
        }
    }

    private func openAhead(_ request: PageRequest) async -> Result<HTTPBody, any Error> {
        do {
            return .success(try await source.openPage(request))
        } catch {
            return .failure(error)
        }
    }

    private func located<Value>(_ number: Int, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let fault as SystemFault {
            throw fault.on(page: number)
        }
    }
}
