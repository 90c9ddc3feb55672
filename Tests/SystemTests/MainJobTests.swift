import Foundation
import TestInstallation
import TestSupport
import Testing

/// The main job through the real programs: what a person does after `compose/up --demo`, with 1,000 items.
@Suite(.serialized) final class MainJobTests {
    private static let shared = Task { try await Demo() }

    private var demo: Demo {
        get async throws { try await Self.shared.value }
    }

    @Test func `01 the first import brings every item, price and stock to the shop`() async throws {
        let demo = try await demo
        let run = try await demo.importNow()
        #expect(run.outcome == "published")
        #expect(run.verdict == "complete")
        #expect(run.report["countBefore"] as? Int == 1000)
        #expect(run.report["countAfter"] as? Int == 1000)
        #expect(run.report["distinctKeys"] as? Int == 1000)
        let shop = try await demo.shop()
        #expect(shop.counts["products"] == 1000)
        #expect(shop.counts["stock"] ?? 0 > 0)
        #expect(shop.counts["prices"] ?? 0 > 1000)
        #expect(try demo.stagingFiles().isEmpty)
    }

    @Test func `02 the same set again changes nothing`() async throws {
        let demo = try await demo
        let before = try await demo.shop()
        #expect(try await demo.importNow().outcome == "unchanged")
        #expect(try await demo.shop() == before)
    }

    @Test(arguments: [
        (fault: ["loseItems", "--count", "17"], outcome: "refused", verdict: "incomplete"),
        (fault: ["emptyAnswer"], outcome: "refused", verdict: "emptySource"),
        (fault: ["cutConnection", "--page", "3"], outcome: "failed", verdict: nil),
        (
            fault: ["insertAndDeleteWhileReading", "--count", "5", "--page", "4"], outcome: "refused",
            verdict: "changedWhileReading"
        ),
        (fault: ["offline"], outcome: "failed", verdict: nil),
        (fault: ["refuseLogin"], outcome: "failed", verdict: nil),
    ])
    func `03 a broken source leaves the shop byte for byte as it was, with one mail to everybody on the list`(
        broken: (fault: [String], outcome: String, verdict: String?)
    ) async throws {
        let demo = try await demo
        let before = try await demo.shop()
        let mailsBefore = try await demo.mails().count
        try await demo.breakSource(broken.fault)
        let run = try await demo.importNow()
        #expect(run.outcome == broken.outcome)
        #expect(run.verdict == broken.verdict)
        #expect(try await demo.shop() == before)
        #expect(try demo.stagingFiles().isEmpty)
        let mails = try await demo.waitForMails(mailsBefore + 3)
        #expect(
            Set(mails.prefix(mails.count - mailsBefore).flatMap(\.recipients)) == [
                "anna@nordlys.example", "bo@nordlys.example", "support@sluice.example",
            ])

        try await demo.repairSource()
        #expect(try await demo.importNow().isSuccess)
        let recovered = try await demo.waitForMails(mailsBefore + 6)
        #expect(recovered.count == mailsBefore + 6)
    }

    @Test func `04 the mail names the missing items and says what to do`() async throws {
        let demo = try await demo
        let mailsBefore = try await demo.mails().count
        try await demo.breakSource(["loseItems", "--count", "17"])
        let run = try await demo.importNow()
        let missing = try #require(run.report["missing"] as? [[String: Any]])
        #expect(missing.count == 17)
        let danish = try #require(
            try await demo.waitForMails(mailsBefore + 3).first { $0.recipients == ["anna@nordlys.example"] })
        let text = try await demo.read(danish)
        for item in missing { #expect(text.contains(try #require(item["key"] as? String))) }
        #expect(text.contains("Intet er lagt i webshoppen"))
        #expect(text.contains("Attachment: missing-items.csv"))
        try await demo.repairSource()
        #expect(try await demo.importNow().isSuccess)
        _ = try await demo.waitForMails(mailsBefore + 6)
    }

    @Test func `05 switched off at any level, nothing starts, by hand neither`() async throws {
        let demo = try await demo
        for level in [["--merchant", "Nordlys"], ["--connection", "Demo ERP"]] {
            try await demo.expectDone(["switch", "off"] + level + ["--reason", "Stock-taking"])
            let refused = try await demo.sluice(["run", "start", "Demo ERP", "--reason", "test", "--json"])
            #expect(refused.status == 109)
            #expect(refused.errors.contains("failedPrecondition"))
            try await demo.expectDone(["switch", "on"] + level + ["--reason", "Done"])
        }
        try await demo.expectDone([
            "switch", "off", "--merchant", "Nordlys", "--module", "prices", "--reason", "Testing",
        ])
        let run = try await demo.importNow()
        #expect(run.modules == ["products", "stock"])
        try await demo.expectDone(["switch", "on", "--merchant", "Nordlys", "--module", "prices", "--reason", "Done"])
    }

    @Test func `06 with monitoring off an import is published without a judgement`() async throws {
        let demo = try await demo
        try await demo.expectDone(["monitoring", "off", "Demo ERP", "--reason", "Set-up"])
        let run = try await demo.importNow()
        #expect(run.verdict == "notJudged")
        #expect(run.isSuccess)
        try await demo.expectDone(["monitoring", "on", "Demo ERP", "--reason", "Live"])
        let shown = try await demo.sluice(["monitoring", "show", "Demo ERP"])
        #expect(shown.output.contains("Set-up"))
    }

    @Test func `07 every run is one usage event at no price`() async throws {
        let demo = try await demo
        let runs = try await demo.finishedRuns()
        let usage = try await demo.waitForUsage(runs)
        #expect(usage.quantity == runs)
        #expect(usage.amount == 0)
    }

    @Test func `08 any method can be called by name, and a wrong call says so`() async throws {
        let demo = try await demo
        let listed = try await demo.sluice(["list"])
        #expect(listed.output.contains("scheduler.startRun"))
        #expect(listed.output.contains("monitor.judgeImport"))
        let called = try await demo.sluice(["call", "scheduler.listMerchants", #"{"limit":10}"#])
        #expect(called.output.contains("Nordlys"))
        #expect(try await demo.sluice(["call", "monitor.judgeImport", "{}"]).status == 107)
        #expect(try await demo.sluice(["call", "scheduler.noSuch", "{}"]).status == 112)
        #expect(try await demo.sluice(["run", "show", "run_00000000000000000000000000"]).status == 105)
    }

    @Test func `09 a killed service is started again by compose up and finds everything as it was`() async throws {
        let demo = try await demo
        let before = try await demo.shop()
        kill(try demo.installation.processID("scheduler"), SIGKILL)
        kill(try demo.installation.processID("importer"), SIGKILL)
        #expect(try await demo.installation.run("compose/up").status == 0)
        #expect(try await demo.importNow().isSuccess)
        #expect(try await demo.shop() == before)
    }

    @Test func `10 no secret stands in any log, database or answer`() async throws {
        let demo = try await demo
        let state = demo.installation.folder.file("state")
        let found = try await demo.shell(
            """
            grep -rlaE 'wsk_sandbox|"password":"sandbox"' '\(state)/log' '\(state)/data' | grep -v '/sandbox' || true
            """
        )
        #expect(found.output.isEmpty)
    }

    @Test func `11 with the monitor down the import is held, and the shop stays as it is`() async throws {
        let demo = try await demo
        let before = try await demo.shop()
        try await demo.expectDone(["sandbox", "break", "demo-erp", "loseItems", "--count", "3"])
        try await demo.repairSource()
        kill(try demo.installation.processID("monitor"), SIGKILL)
        let run = try await demo.importNow()
        #expect(run.outcome == "held")
        #expect(try await demo.shop() == before)
        let health = try await demo.sluice(["health"])
        #expect(health.status == 114)
        #expect(health.output.contains("DOWN"))
        #expect(try await demo.installation.run("compose/up").status == 0)
        #expect(try await demo.importNow().isSuccess)
    }

    @Test func `12 everything stops on request`() async throws {
        try await demo.installation.stop()
        #expect(try await demo.sluice(["health"]).status == 114)
    }
}
