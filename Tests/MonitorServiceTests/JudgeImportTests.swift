import CoreTypes
import JSON
import Keys
import MonitorAPI
import RPC
import SchedulerAPI
import TestSupport
import Testing

@Suite struct JudgeImportTests {
    @Test func `a verdict is signed, bound to run, claim and staged set, and ends after 6 hours`() async throws {
        let monitor = try MonitorFixture()
        let body = try await monitor.judge(.steady())
        #expect(body.verdict == .complete)
        #expect(body.judgedAt == .example)
        #expect(body.expiresAt == .example + .seconds(6 * 3600))
        #expect(body.runID == .example)
        #expect(body.connectionID == .example)
        #expect(body.fencingToken == 7)
        #expect(body.attempt == 1)
        #expect(body.stagedDigest == "digest-1")
    }

    @Test func `a changed byte is not signed`() async throws {
        let monitor = try MonitorFixture()
        let refused = try await monitor.importer.call(
            JudgeImport(evidence: .steady { $0.countAfter = 999 })
        ).verdict
        #expect(try monitor.isSigned(refused))
        var forged = refused
        forged.body = refused.body.replacing("changedWhileReading", with: "complete")
        #expect(forged.body != refused.body)
        #expect(try !monitor.isSigned(forged))
    }

    @Test func `the same evidence again gets the very same verdict, also later`() async throws {
        let monitor = try MonitorFixture()
        let request = JudgeImport(evidence: .steady())
        let first = try await monitor.importer.call(request)
        monitor.clock.advance(by: .seconds(3600))
        #expect(try await monitor.importer.call(request) == first)
        let listed = try await monitor.anna.call(ListVerdicts()).verdicts
        #expect(listed.count == 1)
    }

    @Test func `evidence of an importer that knows nothing of limits is judged, and says what was not looked at`()
        async throws
    {
        let monitor = try MonitorFixture()
        let text = try JSON.encodeText(ImportEvidence.steady { $0.content = nil })
        #expect(!text.contains("content"))
        let body = try await monitor.judge(try JSON.decode(ImportEvidence.self, from: text))
        #expect(body.permitsPublishing)
        #expect(body.checksNotMade.contains("check_drop_guard"))
    }

    @Test func `content figures that contradict each other are refused, not judged`() async throws {
        let monitor = try MonitorFixture()
        let contradictions: [(inout ContentEvidence) -> Void] = [
            { $0.removed = -1 }, { $0.dropped = 1001 },
            {
                $0.removed = 5
                $0.dropped = 4
            },
            {
                $0.removed = 1
                $0.emptied = 1
                $0.unpriced = 1
                $0.dropped = 4
            },
            { $0.priceChanges = (0..<51).compactMap { _ in ContentEvidence.example.priceChanges?.first } },
            { $0.currencyChanges = CurrencyChanges(count: -1) },
            { $0.currencyChanges = CurrencyChanges(count: 2) },
            { $0.currencyChanges = CurrencyChanges(first: ContentEvidence.example.currencyChanges?.first ?? []) },
        ]
        for contradiction in contradictions {
            var evidence = ImportEvidence.steady()
            var content = ContentEvidence()
            content.compared = 1000
            contradiction(&content)
            evidence.content = content
            #expect(await failure { try await monitor.judge(evidence) } == "evidence_inconsistent")
        }
    }

    @Test func `other figures for a read already judged are refused`() async throws {
        let monitor = try MonitorFixture()
        _ = try await monitor.judge(.steady { $0.countAfter = 999 })
        let reason = await failure { try await monitor.judge(.steady()) }
        #expect(reason == "evidence_differs")
        _ = try await monitor.judge(.steady { $0.attempt = 2 })
    }

    @Test func `a claim that a newer one has replaced gets no verdict`() async throws {
        let monitor = try MonitorFixture()
        _ = try await monitor.judge(
            .steady {
                $0.runID = RunID(bytes: (1, 2))
                $0.fencingToken = 8
            })
        let reason = await failure { try await monitor.judge(.steady()) }
        #expect(reason == "run_superseded")
        // Another connection has tokens of its own.
        _ = try await monitor.judge(
            .steady {
                $0.runID = RunID(bytes: (1, 3))
                $0.connectionID = ConnectionID(bytes: (1, 3))
                $0.fencingToken = 1
            })
    }

    @Test func `a superseded claim does not get the verdict it once had either`() async throws {
        let monitor = try MonitorFixture()
        let request = JudgeImport(evidence: .steady())
        _ = try await monitor.importer.call(request)
        _ = try await monitor.judge(.steady { $0.fencingToken = 8 })
        let reason = await failure { try await monitor.importer.call(request) }
        #expect(reason == "run_superseded")
    }

    @Test func `figures that contradict each other are refused, not judged`() async throws {
        let monitor = try MonitorFixture()
        let contradictions: [(inout ImportEvidence) -> Void] = [
            { $0.distinctKeys = 1001 }, { $0.attempt = 0 }, { $0.rowsRead = -1 }, { $0.stagedDigest = "" },
            { $0.pageCount = 1 },
            { $0.duplicates = [DuplicateKey(key: "A", pages: [1])] },
        ]
        for contradiction in contradictions {
            let reason = await failure { try await monitor.judge(.steady(1000, contradiction)) }
            #expect(reason == "evidence_inconsistent")
        }
    }

    @Test func `only importers may ask for a verdict`() async throws {
        let monitor = try MonitorFixture()
        for peer in [PeerIdentity.operator(name: "anna"), .service(name: "notifier", instance: "1")] {
            await #expect(throws: ServiceError.self) {
                try await monitor.caller(peer).call(JudgeImport(evidence: .steady()))
            }
        }
    }

    @Test func `the evidence of a run is kept in full, each read by itself`() async throws {
        let monitor = try MonitorFixture()
        let first = ImportEvidence.steady {
            $0.countAfter = 999
            $0.missing = [MissingItem(key: "A1", name: "Cykelhjelm, grøn")]
            $0.missingCount = 1
        }
        let second = ImportEvidence.steady { $0.attempt = 2 }
        _ = try await monitor.judge(first)
        _ = try await monitor.judge(second)
        let last = try await monitor.anna.call(DescribeEvidence(runID: .example))
        #expect(last.evidence == second)
        #expect(last.attempts == 2)
        #expect(last.verdict.verdict == .complete)
        let earlier = try await monitor.anna.call(DescribeEvidence(runID: .example, attempt: 1))
        #expect(earlier.evidence == first)
        #expect(try monitor.opened(earlier.signed) == earlier.verdict)
        let reason = await failure {
            try await monitor.anna.call(DescribeEvidence(runID: .example, attempt: 3))
        }
        #expect(reason == "evidence_not_found")
    }

    @Test func `verdicts are listed the newest first, in parts, and by connection`() async throws {
        let monitor = try MonitorFixture()
        for attempt in 1...5 { _ = try await monitor.judge(.steady { $0.attempt = attempt }) }
        let newest = try await monitor.anna.call(ListVerdicts(limit: 2)).verdicts
        #expect(newest.map(\.attempt) == [5, 4])
        let rest = try await monitor.anna.call(ListVerdicts(before: newest.last?.sequence)).verdicts
        #expect(rest.map(\.attempt) == [3, 2, 1])
        let none = try await monitor.anna.call(ListVerdicts(connectionID: ConnectionID(bytes: (5, 5)))).verdicts
        #expect(none.isEmpty)
        let reason = await failure { try await monitor.anna.call(ListVerdicts(limit: 201)) }
        #expect(reason == "limit_out_of_range")
    }

    @Test func `the key served is the one verdicts are signed with`() async throws {
        let monitor = try MonitorFixture()
        let served = try await monitor.importer.call(FetchVerifyingKey())
        #expect(served.keyID == monitor.key.id)
    }
}
