import Connectors
import CoreTypes
import Outbound
import SchedulerAPI
import Staging

/// How far a source has been read.
struct ReadPosition: Sendable, Equatable {
    static let beginning = ReadPosition()

    var pages = 0
    var rows = 0
    /// Where the next page is to be had; nil at the beginning, and at the end.
    var cursor: String?

    var isEnd: Bool { pages > 0 && cursor == nil }
}

/// Reads a source page by page into the staging file, in order. The pages that follow are asked for meanwhile: always the
/// next, and more where the source lets their places be told.
struct PageReader: Sendable {
    /// So much of a page is gathered before the room's thread is woken for it: once for a small page.
    private static let waitingBytesMax = 64 << 10

    let source: any SourceConnector
    let room: StagingRoom
    let patience: Patience
    let board: ProgressBoard
    let crashPoints: CrashPoints
    /// How many items the source says it has; nil when it cannot say.
    let counted: Int?
    /// How far a source is read that cannot say.
    let rowsMax: Int
    /// Pages asked for at once, the one that is read included.
    var pagesInFlight = 2

    /// - Parameter start: Pages before it are staged already.
    /// - Returns: How many pages there were.
    /// - Throws: ``SystemFault`` with the page it happened on; nothing of that page is staged.
    func read(
        _ pass: ReadingPass, _ selection: PageRequest.Selection, from start: ReadPosition = .beginning
    ) async throws -> Int {
        guard !start.isEnd else { return start.pages }
        var request = PageRequest(selection, cursor: start.cursor)
        var ahead = PagesAhead(source)
        defer { ahead.giveUp() }
        var number = start.pages + 1
        var rows = start.rows
        while true {
            let page = try await readPage(request, number, ahead.take(request.cursor))
            try refuseEndless(after: rows, page)
            rows += page.rows
            if page.rows == 0, number > 1 {
                // The end, not a page: as evidence it would make the page before it look cut short.
                try await room.abandonPage()
                return number - 1
            }
            let cursor = try located(number) { try source.cursor(after: page, of: request) }
            request.cursor = cursor
            ahead.ask(following(cursor, page, readSoFar: rows), selection)
            try await room.commitPage(cursor: cursor)
            crashPoints.passing(pass == .items ? .pageStaged : .pageSwept)
            board.update { progress in
                progress.page = number
                progress.fetched += page.rows
            }
            guard cursor != nil else { return number }
            number += 1
        }
    }

    /// Where the next pages begin: the next one for certain, those beyond it as far as they are likely to be there.
    private func following(_ cursor: String?, _ page: ReadPage, readSoFar rows: Int) -> [String] {
        guard let cursor else { return [] }
        let pagesLeft = counted.map { max(0, $0 - rows - page.rows) / max(1, page.rows) } ?? pagesInFlight
        let count = min(pagesInFlight - 2, pagesLeft)
        return [cursor] + (count > 0 ? source.cursors(beyond: cursor, after: page, count: count) : [])
    }

    /// A source that goes on for twice its own count and more will go on until the disk is full.
    private func refuseEndless(after rows: Int, _ page: ReadPage) throws {
        guard page.rows > 0, rows > counted.map({ 2 * $0 }) ?? rowsMax else { return }
        let limit = counted.map { "twice the \($0) items that were counted" } ?? "\(rowsMax) items, without a count"
        throw SystemFault(.answer, "more than \(limit)", page: page.number, system: source.system)
    }

    /// Reads one page into the open transaction, again from its beginning when that fails in passing.
    private func readPage(
        _ request: PageRequest, _ number: Int, _ opening: OpeningPage?
    ) async throws -> ReadPage {
        var opening = opening
        do {
            return try await patience.retrying {
                let first = opening
                opening = nil
                do {
                    if let first { return try await stage(try await first.body) }
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
            var waiting: [[UInt8]] = []
            var count = 0
            for try await bytes in body {
                board.touch()
                waiting.append(bytes)
                count += bytes.count
                guard count >= Self.waitingBytesMax else { continue }
                try await room.feed(waiting)
                (waiting, count) = ([], 0)
            }
            return try await room.finishPage(waiting)
        } catch let error as OutboundError {
            if case .cancelled = error { throw CancellationError() }
            throw SystemFault(error, of: source.system)
        } catch StagingError.page(let failure) {
            throw SystemFault(
                .answer, "the page cannot be read: \(failure.kind.rawValue) at byte \(failure.offset)", isPassing: true,
                system: source.system)
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
