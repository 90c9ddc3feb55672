import Foundation
import TestInstallation
import TestSupport
import Testing

/// What people decide about a shop, through the real programs: freeze, look, release, roll back, and prove it afterwards.
@Suite(.serialized) final class DecisionTests {
    private static let shared = Task { try await Demo() }

    private var demo: Demo {
        get async throws { try await Self.shared.value }
    }

    private func edit(_ demo: Demo) async throws {
        try await demo.expectDone(["call", "sandbox.editItems", #"{"system":"demo-erp","count":5}"#])
    }

    /// The id of the newest run.
    private func newestRun(_ demo: Demo) async throws -> String {
        let runs = try await demo.sluice(["run", "list", "Demo ERP", "--json"]).object()["runs"] as? [[String: Any]]
        return try #require(runs?.first?["runID"] as? String)
    }

    @Test func `01 while frozen an import is judged and held, the preview says what it would change`() async throws {
        let demo = try await demo
        #expect(try await demo.importNow().outcome == "published")
        let before = try await demo.shop()
        try await demo.expectDone(["connection", "freeze", "Demo ERP", "--reason", "Campaign"])
        try await edit(demo)
        let run = try await demo.importNow()
        #expect(run.outcome == "held")
        #expect(run.verdict == "complete")
        #expect(run.report["reason"] as? String == "run_frozen")
        #expect(try await demo.shop() == before)

        let preview = try await demo.sluice(["run", "preview", try await newestRun(demo)])
        #expect(preview.status == 0)
        #expect(preview.output.contains("Campaign"))
        #expect(preview.output.contains("prices"))
        let refused = try await demo.sluice(["run", "release", try await newestRun(demo), "--reason", "Too early"])
        #expect(refused.status != 0)
        #expect(refused.errors.contains("frozen"))
    }

    @Test func `02 unfrozen, the held set is released as it was staged`() async throws {
        let demo = try await demo
        let before = try await demo.shop()
        let held = try await newestRun(demo)
        try await demo.expectDone(["connection", "unfreeze", "Demo ERP", "--reason", "Over"])
        let release = try await demo.sluice(["run", "release", held, "--reason", "Looked at it"])
        #expect(release.status == 0, "\(release.output)\(release.errors)")
        #expect(try await demo.shop() != before)
        #expect(try await demo.importNow().outcome == "unchanged")
        let again = try await demo.sluice(["run", "release", held, "--reason", "Twice"])
        #expect(again.errors.contains("released already"))
    }

    @Test func `03 a rollback brings the earlier set back whole, and the next import waits`() async throws {
        let demo = try await demo
        let good = try await demo.shop()
        try await edit(demo)
        #expect(try await demo.importNow().outcome == "published")
        let bad = try await demo.shop()
        #expect(bad != good)
        let rollback = try await demo.sluice(["connection", "rollback", "Demo ERP", "--reason", "Wrong prices"])
        #expect(rollback.status == 0, "\(rollback.output)\(rollback.errors)")
        #expect(try await demo.shop().digest == good.digest)
        #expect(try await demo.importNow().report["reason"] as? String == "run_frozen")
        #expect(try await demo.shop().digest == good.digest)
        let run = try await newestRun(demo)
        try await demo.expectDone(["run", "refuse", run, "--reason", "The prices are still wrong"])
        #expect(try await demo.sluice(["run", "release", run, "--reason", "Oh"]).errors.contains("refused already"))
    }

    @Test func `04 every import has a receipt that can be checked without Sluice, and one changed byte shows`()
        async throws
    {
        let demo = try await demo
        let folder = demo.installation.folder
        let export = try await demo.sluice(["receipt", "export", "Demo ERP"])
        let key = try await demo.sluice(["receipt", "key"])
        #expect(export.status == 0 && key.status == 0, "\(export.errors)\(key.errors)")
        let lines = export.output.split(separator: "\n")
        #expect(lines.count >= 5)
        let (receipts, keyFile) = (folder.file("receipts.jsonl"), folder.file("receipts.key"))
        try export.output.write(toFile: receipts, atomically: true, encoding: .utf8)
        try key.output.write(toFile: keyFile, atomically: true, encoding: .utf8)
        let verified = try await demo.sluice(["verify", "receipt", receipts, "--key", keyFile])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")

        let forged = export.output.replacing("\"distinctKeys\":1000", with: "\"distinctKeys\":1001", maxReplacements: 1)
        #expect(forged != export.output)
        try forged.write(toFile: receipts, atomically: true, encoding: .utf8)
        #expect(try await demo.sluice(["verify", "receipt", receipts, "--key", keyFile]).status == 1)
    }
}
