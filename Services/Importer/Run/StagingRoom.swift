import Connectors
import CoreTypes
import Dispatch
import MonitorAPI
import SchedulerAPI
import Staging

/// The files of one run: its staging file and the connection's published set. Both are synchronous and busy for up to
/// seconds, so the room has a thread of its own instead of the shared pool's.
actor StagingRoom {
    private let executor = RoomExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let places: StagingPlaces
    private let run: ClaimedRun
    private let mapping: CompiledMapping
    private let pages: PageLayout
    /// The claim that has staged the set: the run's own, or that of the held run it releases.
    private let stagedBy: ClaimedRun
    private var staging: StagingFile?
    /// What a killed process has left, while its pages are taken over.
    private var kept: KeptPages?
    private var published: PublishedSet?
    private var difference: Difference?
    private var batches: [Module: UploadBatches] = [:]
    private var keys: KeyComparison?

    init(
        _ places: StagingPlaces, run: ClaimedRun, mapping: CompiledMapping, pages: PageLayout,
        stagedBy: ClaimedRun? = nil
    ) {
        self.places = places
        self.run = run
        self.mapping = mapping
        self.pages = pages
        self.stagedBy = stagedBy ?? run
    }

    // MARK: Reading

    func create(at now: Instant) throws {
        discard()
        staging = try places.staging.create(
            run: run.runID, token: run.fencingToken, mapping: mapping, pages: pages, at: now)
    }

    /// Takes up the file a process before this one sealed.
    func reopen() throws {
        staging = try places.staging.reopen(
            run: stagedBy.runID, token: stagedBy.fencingToken, mapping: mapping, pages: pages)
    }

    /// Opens what an earlier run had read, to take its pages over.
    func openKept(of earlier: ClaimedRun) throws {
        kept = try places.staging.keptPages(run: earlier.runID, token: earlier.fencingToken, mapping: mapping)
    }

    /// Reads the next of its pages, as if the source had sent it; nil behind the last.
    func takeKeptPage() throws -> (page: ReadPage, cursor: String?)? {
        guard let kept else { preconditionFailure("opened before it is taken from") }
        return try file.takePage(from: kept)
    }

    func closeKept() {
        kept?.close()
        kept = nil
    }

    /// Takes pieces of a page that goes on; the first begin it.
    func feed(_ pieces: [[UInt8]]) throws {
        let file = try file
        if !file.hasPage { try file.beginPage() }
        for bytes in pieces { try file.feed(bytes) }
    }

    /// Takes the last pieces of a page.
    func finishPage(_ pieces: [[UInt8]]) throws -> ReadPage {
        try feed(pieces)
        return try file.finishPage()
    }

    func commitPage(cursor: String?) throws { try file.commitPage(cursor: cursor) }
    func abandonPage() throws { try file.abandonPage() }
    func seal() throws -> (figures: StagedFigures, pages: Int) { (try file.seal(), try file.pageCount) }

    func beginSweep() throws { try file.beginSweep() }
    func finishSweep() throws -> SweepFigures { try file.finishSweep() }

    // MARK: Judging

    /// What was seen, beside what was last published.
    ///
    /// - Parameters:
    ///   - live: What the shop shows now.
    ///   - rules: What was to be looked for; nil when nobody could say.
    func evidence(beside live: [Module: LiveDataset], _ rules: FetchRules.Response?) throws -> RoomEvidence {
        let survey = try survey(beside: live)
        var pages = PagesSeen()
        try file.forEachPage { pages.add(PageEvidence($0)) }
        return RoomEvidence(
            pages: pages, previousCount: survey.previousCount, missing: survey.missing,
            missingCount: survey.missingCount, content: try content(survey, live, rules),
            settingsFingerprint: mapping.fingerprint)
    }

    /// What publishing would do to the shop as it is now.
    func content(beside live: [Module: LiveDataset], _ rules: FetchRules.Response?) throws -> ContentEvidence {
        try content(try survey(beside: live), live, rules)
    }

    private func survey(beside live: [Module: LiveDataset]) throws -> Survey {
        // What somebody else has published is not what is remembered here.
        let known = Set(run.modules).subtracting(try foreign(live))
        return try publishedSet().survey(file, modules: run.modules, knowing: known)
    }

    private func content(
        _ survey: Survey, _ live: [Module: LiveDataset], _ rules: FetchRules.Response?
    ) throws -> ContentEvidence {
        let totals = try file.totals()
        var content = ContentEvidence(survey, modules: run.modules, live: live.values.map(\.count).max() ?? 0)
        content.zeroPrices = totals.zeroPrices
        content.stockAfter = totals.stock
        if let rules {
            let sought = try file.look(for: rules.mustHave)
            content.mustHave = MustHaveEvidence(
                listVersion: rules.listVersion, missing: sought.missing, unpriced: sought.unpriced)
        }
        return content
    }

    /// Modules whose live data at the shop is not what this importer published last, row for row.
    func foreign(_ live: [Module: LiveDataset]) throws -> Set<Module> {
        let state = try publishedSet().state
        return Set(
            run.modules.filter { module in
                guard let state, state.known.contains(module), let ours = state.versions[module] else { return true }
                return ours != live[module]?.version
            })
    }

    func beginShopList() throws { try publishedSet().beginShopList() }
    func takeShopList(_ page: [ListedProduct]) throws {
        try publishedSet().takeShopList(page.map { ($0.key, $0.name) })
    }

    /// Takes the shop's own list for what was published: then missing items have names although another importer, or
    /// somebody else, published last.
    func recordShopList(_ live: [Module: LiveDataset], at now: Instant) throws {
        try publishedSet().recordShopList(
            modules: run.modules, versions: live.compactMapValues(\.version), run: run.runID, token: run.fencingToken,
            at: now)
    }

    // MARK: Publishing

    /// What differs from the published set, and how it will travel.
    ///
    /// Modules whose live data is not what this importer published are sent in full.
    ///
    /// - Parameters:
    ///   - live: What the shop shows now.
    ///   - round: How often this run has planned, from 1.
    /// - Throws: ``EmptiedModule`` when a module the shop has rows of would have none.
    func plan(_ live: [Module: LiveDataset], round: Int) throws -> [PlannedUpload] {
        batches = [:]
        let full = try foreign(live)
        let difference = try publishedSet().difference(to: file, modules: run.modules)
        self.difference = difference
        for module in run.modules where difference[module].total == 0 {
            // With nothing staged, what is removed is all that was published.
            let published = max(difference[module].removed, live[module]?.count ?? 0)
            guard published == 0 else { throw EmptiedModule(module: module, published: published) }
        }
        return run.modules.compactMap { module in
            let dataset = difference[module]
            let mode = full.contains(module) ? PublishMode.full : .delta
            guard mode == .full || dataset.created + dataset.updated + dataset.removed > 0 else { return nil }
            return PlannedUpload(
                module: module, mode: mode, count: dataset.uploadCount(mode), created: dataset.created,
                updated: dataset.updated, removed: dataset.removed, total: dataset.total,
                base: live[module]?.version, round: round)
        }
    }

    func nextBatch(of upload: PlannedUpload) throws -> UploadBatch? {
        guard let difference else { preconditionFailure("planned before it is sent") }
        if batches[upload.module] == nil {
            batches[upload.module] = try difference.batches(of: upload.module, mode: upload.mode)
        }
        return try batches[upload.module]?.next()
    }

    /// Makes what was staged the published set, now that the shop has it.
    func adopt(_ live: [Module: LiveDataset], at now: Instant, _ crashPoints: CrashPoints) throws {
        // What was compared still stands beside the set, and is taken from there.
        (batches, difference) = ([:], nil)
        try publishedSet().adopt(
            file, modules: run.modules.filter { live[$0] != nil }, versions: live.compactMapValues(\.version),
            run: run.runID, token: run.fencingToken, at: now, crashPoints: crashPoints)
    }

    /// Forgets what was published: the next run sends everything.
    func forgetPublished() throws {
        closeDifference()
        try publishedSet().forget()
    }

    // MARK: Reading back

    /// Begins to compare the shop's list of keys of a module with what was staged.
    func beginKeys(of module: Module) throws { keys = try KeyComparison(try file, module) }

    /// Takes one page of the list.
    func readKeys(_ page: [UInt8]) throws -> ShopKeyPage { try comparison.read(page) }

    /// Whether all pages together are what was staged.
    var keysAreEqual: Bool { get throws { try comparison.isEqual } }

    /// The pages come once more, to say which keys differ.
    func beginNamingKeys() throws { try comparison.beginNaming() }
    func nameKeys() throws -> KeyDifference { try comparison.difference() }

    private var comparison: KeyComparison {
        get throws {
            guard let keys else { preconditionFailure("begun before it is read") }
            return keys
        }
    }

    // MARK: Leaving

    func discard() {
        keys = nil
        closeKept()
        closeDifference()
        // The set lets go of the staging file it may have looked into.
        published?.close()
        published = nil
        staging?.discard()
        staging = nil
    }

    /// Leaves the files as they are.
    func close() {
        keys = nil
        closeKept()
        closeDifference()
        staging?.close()
        staging = nil
        published?.close()
        published = nil
    }

    private func closeDifference() {
        batches = [:]
        difference?.close()
        difference = nil
    }

    private var file: StagingFile {
        get throws {
            guard let staging else { throw StagingError.notFound }
            return staging
        }
    }

    private func publishedSet() throws -> PublishedSet {
        if let published { return published }
        let opened = try PublishedSet(folder: places.publishedFolder, connection: run.connectionID)
        published = opened
        return opened
    }
}

/// Where staging files and published sets lie.
struct StagingPlaces: Sendable {
    let staging: StagingFolder
    let publishedFolder: String

    /// The next publication of the connection sends everything.
    func forgetPublished(_ connection: ConnectionID) throws(StagingError) {
        let published = try PublishedSet(folder: publishedFolder, connection: connection)
        defer { published.close() }
        try published.forget()
    }
}

/// All items were read, and yet a dataset the shop has rows of would be left without any: every price is unreadable or
/// unmapped, say. Complete items say nothing about that, so it is refused whatever the verdict.
struct EmptiedModule: Error, Equatable {
    let module: Module
    /// Rows the shop has.
    let published: Int
}

/// What is read: the items, or, the second time, their keys.
enum ReadingPass: Sendable {
    case items
    case keys
}

struct RoomEvidence: Sendable {
    var pages: PagesSeen
    var previousCount: Int
    var missing: [MissingItem]
    var missingCount: Int
    var content: ContentEvidence
    var settingsFingerprint: String
}

/// Runs a room's jobs one after the other on a queue of its own.
final class RoomExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "importer.staging")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
