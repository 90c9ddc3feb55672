import CoreTypes
import JSON
import MonitorAPI
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import TestSupport

@testable import ImporterService

/// One connection's imports by the real importer over HTTPS, from a busy and faulty time of its ERP to a quiet one.
struct SourceHistory {
    /// What happened, to see that histories are not empty.
    struct Tally: Sendable {
        var runs = 0
        var published = 0
        /// Of these, how many from a reading in which items came, went or were edited.
        var whileChanging = 0
        /// Of these, how many had prices of different moments: what the concept names as not to be seen.
        var ofSeveralMoments = 0
        /// Answers of no items that were believed, because the shop had none either: what the zero rule cannot see.
        var emptyToEmpty = 0
        /// Sets the source never had, because keys were changed and changed back while they were read.
        var changedBack = 0
        var refused = 0
        var held = 0
        var swept = 0

        mutating func add(_ other: Tally) {
            runs += other.runs
            published += other.published
            whileChanging += other.whileChanging
            ofSeveralMoments += other.ofSeveralMoments
            emptyToEmpty += other.emptyToEmpty
            changedBack += other.changedBack
            refused += other.refused
            held += other.held
            swept += other.swept
        }
    }

    private(set) var tally = Tally()
    private(set) var problems: [String] = []

    private let fixture: ImportFixture
    private let erp: RestlessERP
    private let importer: ImporterService
    private let settings: ConnectionSettings
    private let randomness: Randomness
    private var token: Int64 = 0

    init(_ fixture: ImportFixture, seed: UInt64) async throws {
        let randomness = Randomness.seeded(seed)
        let erp = RestlessERP(fixture, randomness)
        self.fixture = fixture
        self.erp = erp
        self.randomness = randomness
        let paging = Reading.Paging.allCases[Int(randomness.next() % 2)]
        settings = .paged(paging, size: 5 + Int(randomness.next() % 6))
        importer = try await fixture.importer(
            sending: MeddlingSender(fixture.configuration) { request in
                await erp.goOn(before: request.url)
                return .pass
            })
    }

    private func draw(_ below: Int) -> Int { Int(randomness.next() % UInt64(max(1, below))) }

    mutating func play() async throws {
        for _ in 0..<3 {
            let fault = drawFault()
            if let fault { _ = try await fixture.sandbox.call(Misbehave(system: "sap", fault: fault)) }
            let editsOnly = draw(3) == 0
            try await erp.beginRun(
                changesPercent: (editsOnly ? [15, 30, 60, 90] : [0, 4, 12, 30])[draw(4)], editsOnly: editsOnly)
            try await run(fault)
            try await fixture.repair()
        }
        // Once the source rests, its set is published at the first try, and the shop shows just what the source has.
        try await erp.beginRun(changesPercent: 0, editsOnly: false)
        let report = try await run(nil)
        if report?.outcome.isSuccess != true { note("a source at rest was not published: \(report?.reason ?? "lost")") }
        if let failure = await erp.failure { throw failure }
    }

    private func drawFault() -> Fault? {
        switch draw(24) {
        case 0: Fault(.emptyAnswer)
        case 1: Fault(.noCount)
        case 2: Fault(.countIgnoresFilter)
        case 3: Fault(.wrongCount, count: 1 + draw(3))
        case 4: Fault(.wrongCount, count: -1 - draw(3))
        case 5, 6: Fault(.loseItems, count: 1 + draw(4))
        case 7, 8: Fault(.duplicateRows, count: 1 + draw(2))
        case 9: Fault(.unreadableItems, count: 1)
        case 10: Fault(.hideNextPages, count: 3)
        case 11: Fault(.truncatePage, count: 1, page: 2)
        case 12: Fault(.capPageSize, count: 4)
        case 13: Fault(.cutConnection, page: 2, times: 1)
        case 14: Fault(.killSessions, page: 2, times: 1)
        case 15: Fault(.serverErrors, times: 2)
        default: nil
        }
    }

    @discardableResult
    private mutating func run(_ fault: Fault?) async throws -> RunReport? {
        token += 1
        tally.runs += 1
        let before = try await fixture.shop()
        let files = try fixture.stagingFiles().count
        guard let report = try await fixture.run(token: token, settings: settings, with: importer) else {
            note("the run was not told")
            return nil
        }
        if await erp.wasSwept { tally.swept += 1 }
        try await checkChecks(report, fault)
        if report.outcome.isSuccess {
            tally.published += 1
            try await checkShown(report, fault, hadNothing: before.datasets.allSatisfy { $0.count == 0 })
        } else {
            report.outcome == .held ? (tally.held += 1) : (tally.refused += 1)
            let after = try await fixture.shop()
            if after.digest != before.digest || after.datasets != before.datasets { note("the shop was touched") }
            if !after.openImports.isEmpty { note("an upload was left open") }
            if report.outcome != .held, try fixture.stagingFiles().count != files { note("staging was left") }
            await checkRefused(report, fault)
        }
        return report
    }

    // MARK: What must hold

    /// The shop shows the keys of one moment of the reading, each with a price it had within it.
    private mutating func checkShown(_ report: RunReport, _ fault: Fault?, hadNothing: Bool) async throws {
        let moments = await erp.momentsOfLastReading
        let shown = try await shownPrices()
        let keys = Set(try await rows(ProductRow.self, "products").map(\.code))
        if moments.count > 1 { tally.whileChanging += 1 }
        let truth = SourceTruth(moments.map { Set($0.keys) })
        if !truth.everHeld(keys) {
            if fault?.kind == .emptyAnswer, hadNothing { return tally.emptyToEmpty += 1 }
            guard truth.changedBack.isEmpty else { return tally.changedBack += 1 }
            let near = moments.last.map { Set($0.keys) } ?? []
            note(
                "\(report.outcome) a set the source never had: lacks \(near.subtracting(keys).sorted()), has beyond "
                    + "\(keys.subtracting(near).sorted())", fault)
        }
        for (key, price) in shown {
            let had = moments.compactMap { $0[key] }.compactMap { ExactDecimal($0) }
            if !had.contains(price) { note("\(key) is shown at \(price), which it never was while it was read", fault) }
        }
        let isOfOneMoment = moments.contains { moment in moment.compactMapValues { ExactDecimal($0) } == shown }
        if !isOfOneMoment { tally.ofSeveralMoments += 1 }
    }

    /// A sound source that stands still is never refused, nor, by key, one whose items are only edited.
    private mutating func checkRefused(_ report: RunReport, _ fault: Fault?) async {
        let isSound =
            switch fault?.kind {
            case nil, .capPageSize, .cutConnection, .killSessions, .serverErrors: true
            default: false
            }
        guard isSound else { return }
        if report.outcome == .held { note("held for no reason", fault) }
        let truth = await erp.truth
        if await erp.isStill { note("a quiet source was not published: \(report.reason)", fault) }
        if settings.reading.paging == .keyset, !truth.keysChanged {
            note("edits alone were not published: \(report.reason)", fault)
        }
    }

    /// Report and receipt say alike which checks could not be made: those of the counts and the token where there were none,
    /// that of stock always, and no others.
    private mutating func checkChecks(_ report: RunReport, _ fault: Fault?) async throws {
        guard report.verdict != nil else { return note("not judged: \(report.reason)", fault) }
        var notMade: Set = ["check_stock_moment"]
        if fault?.kind == .noCount {
            notMade.formUnion(["check_count_before", "check_count_after", "check_filters_equal"])
        }
        if await erp.wasSwept != report.checksMade.contains("check_second_sweep") {
            note("lists the second sweep wrongly", fault)
        }
        if fault?.kind == .emptyAnswer { notMade.insert("check_change_token") }
        if Set(report.checksNotMade).subtracting(["check_drop_guard"]) != notMade {
            note("says it did not make \(report.checksNotMade.sorted()) instead of \(notMade.sorted())", fault)
        }
        let wanted: Set = ["check_change_token", "check_distinct_keys", "check_count_before", "check_count_after"]
        if !wanted.subtracting(notMade).isSubset(of: report.checksMade) {
            note("says it made only \(report.checksMade.sorted())", fault)
        }
        let receipt = try await receipt(of: report)
        if Set(receipt?.judgement?.checksNotMade ?? []) != Set(report.checksNotMade)
            || Set(receipt?.judgement?.checksMade ?? []) != Set(report.checksMade)
        {
            note("the receipt names other checks than the report", fault)
        }
        if receipt?.publication.outcome != report.outcome { note("the receipt has another outcome", fault) }
    }

    private mutating func note(_ problem: String, _ fault: Fault? = nil) {
        let paging = settings.reading.pagingInForce
        problems.append("run \(token), \(paging), \(fault?.kind.rawValue ?? "sound"): \(problem)")
    }

    // MARK: Looking

    private struct ProductRow: Decodable {
        var code: String
    }

    private struct PriceRow: Decodable {
        struct Price: Decodable {
            var amount: ExactDecimal
        }

        var product_code: String
        var price_list_code: String
        var price: Price
    }

    private func rows<Row: Decodable>(_: Row.Type, _ dataset: String) async throws -> [Row] {
        let list = ListShopRows(system: "shop", dataset: dataset, limit: 500)
        return try await fixture.sandbox.call(list).rows.map { try JSON.decode(Row.self, from: $0) }
    }

    private func shownPrices() async throws -> [String: ExactDecimal] {
        let retail = try await rows(PriceRow.self, "prices").filter { $0.price_list_code == "retail" }
        return Dictionary(retail.map { ($0.product_code, $0.price.amount) }) { $1 }
    }

    /// What the monitor makes of the run's end, told to it as the scheduler tells it.
    private func receipt(of report: RunReport) async throws -> Receipt? {
        let claim = try fixture.claim(token: token, settings: settings)
        let ended = RunFinished(
            runID: claim.runID, merchantID: claim.merchantID, merchantName: "Nordlys Lamper ApS",
            connectionID: claim.connectionID, connectionLabel: claim.connectionLabel, sourceName: claim.source.name,
            targetName: claim.target.name, modules: claim.modules, trigger: claim.trigger, startedBy: nil,
            startReason: nil, startedAt: fixture.clock.wallClock.now(), finishedAt: fixture.clock.wallClock.now(),
            lastPublishedAt: nil, nextRunAt: nil, report: report, traceparent: claim.traceparent, fencingToken: token)
        let event = DeliveredEvent(sequence: token, type: RunFinished.type, body: try JSON.encodeText(ended))
        _ = try await fixture.events.call(DeliverEvents<MonitorAPI>(generation: 1, events: [event]))
        let stored = try await fixture.policies.call(FetchReceipt(runID: claim.runID)).receipt
        return SignedReceipt.receipt(in: stored.document)
    }
}
