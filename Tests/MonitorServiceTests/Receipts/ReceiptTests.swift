import CoreTypes
import Keys
import MonitorAPI
import MonitorService
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

@Suite struct ReceiptTests {
    /// A run that ends `minute` minutes after six: judged if it has evidence, then told.
    @discardableResult
    private func finish(
        _ monitor: MonitorFixture, _ outcome: RunOutcome, minute: Int, sequence: Int64,
        connection: ConnectionID = .example, judging evidence: ImportEvidence? = .steady(), task: RunTask? = nil,
        _ change: (inout RunReport) -> Void = { _ in }
    ) async throws -> RunFinished {
        var event = RunFinished.ended(outcome, reason: "run_\(outcome.rawValue)", minute: minute)
        event.connectionID = connection
        event.task = task
        event.fencingToken = Int64(minute)
        change(&event.report)
        if let evidence {
            _ = try await monitor.judge(
                evidence.with {
                    $0.runID = event.runID
                    $0.connectionID = connection
                    $0.fencingToken = Int64(minute)
                })
        }
        monitor.clock.advance(by: .seconds(60))
        _ = try await monitor.deliver([event.delivered(sequence)])
        return event
    }

    private func receipts(_ monitor: MonitorFixture, of connection: ConnectionID = .example) async throws
        -> [StoredReceipt]
    {
        try await monitor.anna.call(ListReceipts(connectionID: connection)).receipts
    }

    private func check(_ receipts: [StoredReceipt], _ monitor: MonitorFixture) throws -> [CheckedChain] {
        try ReceiptVerifier(keys: [monitor.key.verifyingKey]).check(
            Array(receipts.map { $0.document + "\n" }.joined().utf8))
    }

    @Test func `every run that was judged and has ended has a receipt, whatever came of it`() async throws {
        let monitor = try MonitorFixture()
        for (index, outcome) in RunOutcome.allCases.enumerated() {
            try await finish(monitor, outcome, minute: index + 1, sequence: Int64(index + 1))
        }
        let made = try await receipts(monitor)
        #expect(made.map(\.outcome) == RunOutcome.allCases)
        #expect(made.map(\.number) == Array(1...Int64(RunOutcome.allCases.count)))
        #expect(try check(made, monitor).map(\.last) == [Int64(RunOutcome.allCases.count)])
    }

    @Test func `a run that was never judged has none`() async throws {
        let monitor = try MonitorFixture()
        let event = try await finish(monitor, .failed, minute: 1, sequence: 1, judging: nil)
        #expect(try await receipts(monitor).isEmpty)
        #expect(
            await failure { try await monitor.anna.call(FetchReceipt(runID: event.runID)) } == "receipt_not_found")
    }

    @Test func `an end told again makes no second receipt, also under another number`() async throws {
        let monitor = try MonitorFixture()
        let event = try await finish(monitor, .published, minute: 1, sequence: 1)
        let first = try await monitor.anna.call(FetchReceipt(runID: event.runID)).receipt
        monitor.clock.advance(by: .seconds(3600))
        _ = try await monitor.deliver([event.delivered(1)])
        _ = try await monitor.deliver([event.delivered(2)])
        #expect(try await receipts(monitor) == [first])
    }

    @Test(arguments: ["monitor.events.uncommitted", "monitor.events.committed"])
    func `killed while a run's end is taken in, there is exactly one receipt in the end`(point: String) async throws {
        let kill = try KillImage(at: point)
        let first = try MonitorFixture(.file(kill.live), crashPoints: kill.crashPoints)
        _ = try await first.judge(.steady { $0.runID = RunID(bytes: (1, 1)) })
        let event = RunFinished.ended(.published, reason: "run_published", minute: 1)
        _ = try await first.deliver([event.delivered(1)])
        try #require(kill.wasReached)
        try first.close()
        let again = try MonitorFixture(.file(kill.image))
        // The scheduler got no answer, so it tells again.
        #expect(try await again.deliver([event.delivered(1)]) == 1)
        let made = try await receipts(again)
        #expect(made.count == 1)
        #expect(made.first?.number == 1)
        #expect(try check(made, again).map(\.first) == [1])
    }

    @Test func `each connection has a chain of its own`() async throws {
        let monitor = try MonitorFixture()
        let other = ConnectionID(bytes: (1, 2))
        try await finish(monitor, .published, minute: 1, sequence: 1)
        try await finish(monitor, .refused, minute: 2, sequence: 2, connection: other)
        try await finish(monitor, .unchanged, minute: 3, sequence: 3)
        #expect(try await receipts(monitor).map(\.number) == [1, 2])
        #expect(try await receipts(monitor, of: other).map(\.number) == [1])
        let both = try await receipts(monitor) + receipts(monitor, of: other)
        #expect(try check(both, monitor).map(\.last) == [2, 1])
    }

    @Test func `a receipt says what was read, how it was judged, and what became of it`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.tolerance = 2 }
        let evidence = ImportEvidence.steady {
            $0.moveToken()
            $0.sweepAlike()
            $0.rowsRead = 999
            $0.distinctKeys = 999
            $0.sweepAlike()
            $0.missingCount = 1
            $0.datasets = [DatasetCount(module: .prices, rows: 2997)]
            $0.settingsFingerprint = "mapping-7"
            $0.softwareVersion = "0.4.0"
        }
        let event = try await finish(monitor, .published, minute: 1, sequence: 1, judging: evidence) {
            $0.publication = [
                Publication(module: .prices, mode: "delta", created: 1, updated: 2, removed: 3, live: 9, version: "v8")
            ]
            $0.checksMade = ["check_zero_rule", "check_read_back_count"]
            $0.checksNotMade = ["check_read_back_keys"]
        }
        let stored = try await monitor.anna.call(FetchReceipt(runID: event.runID)).receipt
        let receipt = try #require(SignedReceipt.receipt(in: stored.document))
        let reading = try #require(receipt.reading)
        let judgement = try #require(receipt.judgement)
        #expect(receipt.previous == nil)
        #expect(receipt.run.source == "SAP")
        #expect(receipt.run.merchantName == "Nordlys Cykler")
        #expect(reading.countBefore == 1000)
        #expect(reading.distinctKeys == 999)
        #expect(reading.keySet == "digest-1")
        #expect(reading.sweep?.distinctKeys == 999)
        #expect(reading.pagesRoot == PageEvidence.root(of: evidence.pages))
        #expect(reading.datasets == [DatasetCount(module: .prices, rows: 2997)])
        #expect(reading.settings == "mapping-7")
        #expect(judgement.verdict == .complete)
        #expect(judgement.tolerance == ToleranceUse(allowed: 2, lacking: 1))
        #expect(judgement.policyVersion == 1)
        #expect(judgement.checksMade.filter { $0 == "check_zero_rule" }.count == 1)
        #expect(judgement.checksMade.contains("check_read_back_count"))
        #expect(judgement.checksNotMade == ["check_read_back_keys"])
        #expect(receipt.publication.datasets == event.report.publication)
        #expect(receipt.software.importer == "0.4.0")
        #expect(!receipt.software.monitor.isEmpty)
    }

    @Test func `the receipt of a push that was left half done says how many rows stand at the shop`() async throws {
        let monitor = try MonitorFixture()
        let event = try await finish(monitor, .failed, minute: 1, sequence: 1) {
            $0.reason = "run_push_unfinished"
            $0.pushed = PushedRows(planned: 500, applied: 400, reverted: 100)
        }
        let stored = try await monitor.anna.call(FetchReceipt(runID: event.runID)).receipt
        let publication = try #require(SignedReceipt.receipt(in: stored.document)).publication
        #expect(publication.datasets.isEmpty)
        #expect(publication.pushed?.planned == 500)
        #expect(publication.pushed?.live == 300)
        #expect(try check([stored], monitor).count == 1)
    }

    @Test(arguments: [RunTask.Kind.rollback, .finish])
    func `what changes the shop without being an import has its place in the chain, and names who, why and which set`(
        kind: RunTask.Kind
    ) async throws {
        let monitor = try MonitorFixture()
        let first = try await finish(monitor, .published, minute: 1, sequence: 1)
        let task = RunTask(kind: kind, runID: first.runID)
        var event = RunFinished.ended(.published, reason: "run_rolled_back", minute: 2)
        event.task = task
        event.fencingToken = 2
        event.startedBy = "anna"
        event.startReason = "The new prices lack VAT"
        event.report.publication = [
            Publication(module: .prices, mode: "rollback", created: 0, updated: 0, removed: 0, live: 40, version: "v3")
        ]
        _ = try await monitor.deliver([event.delivered(2)])
        try await finish(monitor, .published, minute: 3, sequence: 3)
        let made = try await receipts(monitor)
        #expect(try check(made, monitor).map(\.last) == [3])
        let receipt = try #require(SignedReceipt.receipt(in: made[1].document))
        #expect(receipt.run.task == task)
        #expect((receipt.run.startedBy, receipt.run.startReason) == ("anna", "The new prices lack VAT"))
        #expect(receipt.run.claim == 2)
        #expect(receipt.publication.datasets == event.report.publication)
        #expect(receipt.reading == nil && receipt.judgement == nil)
    }

    @Test func `a rollback that found the shop there already has no receipt, one that failed has`() async throws {
        let monitor = try MonitorFixture()
        let task = RunTask(kind: .rollback, runID: .example)
        try await finish(monitor, .unchanged, minute: 1, sequence: 1, judging: nil, task: task)
        #expect(try await receipts(monitor).isEmpty)
        try await finish(monitor, .failed, minute: 2, sequence: 2, judging: nil, task: task)
        #expect(try await receipts(monitor).map(\.outcome) == [.failed])
    }

    @Test func `an import's receipt has no member it had not before, so that older ones are written alike`()
        async throws
    {
        let monitor = try MonitorFixture()
        try await finish(monitor, .published, minute: 1, sequence: 1)
        let document = try #require(try await receipts(monitor).first).document
        for member in [#""pushed""#, #""task""#] { #expect(!document.contains(member)) }
    }

    @Test func `a released import's receipt names who agreed, and to what`() async throws {
        let monitor = try MonitorFixture()
        let dropping = ImportEvidence.steady(600) { $0.drop(400, of: 1000) }
        let held = try await finish(monitor, .held, minute: 1, sequence: 1, judging: dropping)
        let verdict = try await monitor.anna.call(DescribeEvidence(runID: held.runID)).verdict
        let approval = try await monitor.approve(verdict).approval
        let release = RunFinished.ended(.published, reason: "run_published", minute: 2)
        _ = try await monitor.importer.call(
            JudgeImport(
                evidence: dropping.with {
                    $0.runID = release.runID
                    $0.fencingToken = 2
                }, releases: held.runID))
        _ = try await monitor.deliver([release.delivered(2)])
        let documents = try await receipts(monitor).compactMap { SignedReceipt.receipt(in: $0.document) }
        #expect(documents.map(\.publication.outcome) == [.held, .published])
        #expect(documents[0].judgement?.approval == nil)
        #expect(documents[1].judgement?.approval == approval)
        #expect(documents[1].judgement?.holds?.first?.count == 400)
    }

    @Test func `receipts are read in parts and by time, never with a gap between`() async throws {
        let monitor = try MonitorFixture()
        for minute in 1...7 { try await finish(monitor, .unchanged, minute: minute, sequence: Int64(minute)) }
        let firstTwo = try await monitor.anna.call(ListReceipts(connectionID: .example, limit: 2)).receipts
        #expect(firstTwo.map(\.number) == [1, 2])
        let rest = try await monitor.anna.call(ListReceipts(connectionID: .example, after: 2)).receipts
        #expect(rest.map(\.number) == [3, 4, 5, 6, 7])
        func between(_ from: Int?, _ to: Int?) async throws -> [Int64] {
            try await monitor.anna.call(
                ListReceipts(
                    connectionID: .example, from: from.map { .example + .seconds($0 * 60) },
                    to: to.map { .example + .seconds($0 * 60) })
            ).receipts.map(\.number)
        }
        #expect(try await between(3, 5) == [3, 4])
        #expect(try await between(6, nil) == [6, 7])
        #expect(try await between(nil, 3) == [1, 2])
        #expect(try await between(8, nil) == [])
        #expect(try await between(nil, 0) == [])
        #expect(
            await failure { try await monitor.anna.call(ListReceipts(connectionID: .example, limit: 51)) }
                == "limit_out_of_range")
    }

    @Test func `a clock set back leaves no gap in what is read by time`() async throws {
        let monitor = try MonitorFixture()
        for minute in 1...3 { try await finish(monitor, .unchanged, minute: minute, sequence: Int64(minute)) }
        monitor.clock.advance(by: .seconds(-3600))
        for minute in 4...5 { try await finish(monitor, .unchanged, minute: minute, sequence: Int64(minute)) }
        let made = try await monitor.anna.call(
            ListReceipts(connectionID: .example, from: .example - .seconds(7200), to: .example)
        ).receipts
        #expect(made.map(\.number) == [1, 2, 3, 4, 5])
        #expect(try check(made, monitor).count == 1)
    }

    @Test func `receipts can have a key of their own, which is served`() async throws {
        let own = try SigningKey(rawRepresentation: Secret(Array(repeating: 3, count: 32)))
        let verdicts = try SigningKey(rawRepresentation: Secret(Array(repeating: 7, count: 32)))
        let service = MonitorService(
            database: try MonitorDatabase(.memory), signer: VerdictSigner(key: verdicts), receiptKey: own,
            router: Router(service: "monitor", randomness: .counted()), environment: .test())
        let anna = InProcessCaller(service.router, as: .operator(name: "anna"))
        let served = try await anna.call(FetchVerifyingKey())
        #expect(served.keyID == verdicts.id)
        #expect(served.receiptKeyID == own.id)
    }
}
