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

    @Test func `05 a tolerance is named where it was used: command line, mail and receipt; beyond it nothing passes`()
        async throws
    {
        let demo = try await demo
        try await demo.expectDone(["connection", "unfreeze", "Demo ERP", "--reason", "Mended"])
        #expect(try await demo.importNow().isSuccess)
        try await demo.expectDone(["policy", "set", "Demo ERP", "--tolerance", "3", "--reason", "Samples"])
        let mailsBefore = try await demo.mails().count

        try await demo.breakSource(["loseItems", "--count", "2"])
        let run = try await demo.importNow()
        #expect(run.outcome == "published")
        #expect(run.report["countBefore"] as? Int == 1000)
        #expect(run.report["distinctKeys"] as? Int == 998)
        let used = "2 items are missing; up to 3 may be missing on this connection"
        let published = try await newestRun(demo)
        #expect(try await demo.sluice(["run", "show", published]).output.contains(used))
        #expect(try await receipt(of: published, demo).contains(used))
        let english = try await mail(to: "bo@nordlys.example", demo, after: mailsBefore, of: 3)
        #expect(english.contains("Items that are missing: 2. Up to 3 may be missing on this connection."))
        let danish = try await mail(to: "anna@nordlys.example", demo, after: mailsBefore, of: 3)
        #expect(danish.contains("Varer, der mangler: 2. Op til 3 må mangle på forbindelsen."))
        let shop = try await demo.shop()
        #expect(shop.counts["products"] == 998)

        try await demo.repairSource()
        try await demo.breakSource(["loseItems", "--count", "4"])
        #expect(try await demo.importNow().outcome == "refused")
        #expect(try await demo.shop() == shop)
        let shown = try await demo.sluice(["run", "show", try await newestRun(demo)]).output
        #expect(shown.contains("4 items are missing; only 3 may be missing on this connection"))
        let refused = try await mail(to: "bo@nordlys.example", demo, after: mailsBefore + 3, of: 3)
        #expect(refused.contains("Items that are missing: 4. Only 3 may be missing on this connection."))

        try await demo.repairSource()
        #expect(try await demo.importNow().outcome == "published")
        let recovery = try await mail(to: "bo@nordlys.example", demo, after: mailsBefore + 6, of: 3)
        #expect(recovery.contains("The import lacks 2 items of 1,000"))
        try await demo.expectDone(["policy", "set", "Demo ERP", "--tolerance", "0", "--reason", "Samples are gone"])
    }

    @Test func `06 a release that would do more than was shown is held again, and goes by exactly the new figures`()
        async throws
    {
        let demo = try await demo
        try await demo.expectDone(["policy", "set", "Demo ERP", "--drop-guard", "2,0", "--reason", "Careful"])
        try await deleteItems(3, demo)
        #expect(try await demo.importNow().outcome == "held")
        let held = try await newestRun(demo)
        let preview = try await demo.sluice(["run", "preview", held]).output
        #expect(preview.contains("3 of the shop's 1,000 items"))
        #expect(preview.contains("sluice run release \(held)"))

        // Somebody else puts two products into the shop, which the held set has not.
        try await addToShop(2, demo)
        let before = try await demo.shop()
        let first = try await demo.sluice(["run", "release", held, "--reason", "Three ended"])
        #expect(first.status == 2, "\(first.output)\(first.errors)")
        let again = try await newestRun(demo)
        #expect(first.output.contains("5 of the shop's 1,002 items"))
        #expect(first.output.contains("sluice run release \(again)"))
        #expect(try await demo.sluice(["run", "preview", held]).output.contains("5 of the shop's 1,002 items"))

        let byOldName = try await demo.sluice(["run", "release", held, "--reason", "Three ended"])
        #expect(byOldName.status == 109)
        #expect(byOldName.output.contains("5 of the shop's 1,002 items"))
        #expect(byOldName.errors.contains("sluice run release \(again)"))
        #expect(try await demo.shop() == before)

        let release = try await demo.sluice(["run", "release", again, "--reason", "Five, then"])
        #expect(release.status == 0, "\(release.output)\(release.errors)")
        #expect(release.output.contains("has agreed to at most these figures until"))
        #expect(try await demo.shop().counts["products"] == 997)
        let twice = try await demo.sluice(["run", "release", again, "--reason", "Once more"])
        #expect(twice.errors.contains("released already"))
        #expect(!(twice.output + twice.errors).contains("has agreed"))
        let receipt = try await receipt(of: try await newestRun(demo), demo)
        #expect(receipt.contains("operator"))
        #expect(receipt.contains("Five, then"))
        #expect(receipt.contains("5 of the shop's 1,002 items"))
    }

    @Test func `07 each set says as of when it is, and one older than promised is warned of`() async throws {
        let demo = try await demo
        #expect(try await demo.importNow().isSuccess)
        let sets = try await demo.sluice(["connection", "sets", "Demo ERP"])
        #expect(sets.output.hasPrefix("AS OF"))
        #expect(!sets.output.contains("OLDER THAN PROMISED"))
        let shown = try await demo.sluice(["connection", "show", "Demo ERP"]).output
        let lines = shown.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("Shop is as of") && $0.contains(" 20") })
        #expect(lines.contains { $0.hasPrefix("Promised") && $0.hasSuffix("nothing") })
        try await demo.expectDone([
            "connection", "update", "Demo ERP", "--promise-minutes", "60", "--reason", "Agreed",
        ])
        let promised = try await demo.sluice(["connection", "show", "Demo ERP"]).output
        #expect(promised.contains("never older than 60 minutes"))
        #expect(!promised.contains("OLDER THAN PROMISED"))
    }

    /// The receipt is made from an event that follows the run's end.
    private func receipt(of run: String, _ demo: Demo) async throws -> String {
        for _ in 0..<60 {
            let answer = try await demo.sluice(["receipt", "show", run])
            if answer.status == 0 { return answer.output }
        }
        throw Installation.Failure(text: "no receipt of \(run)")
    }

    /// The mail to somebody among the `count` that came after the first `before`.
    private func mail(to address: String, _ demo: Demo, after before: Int, of count: Int) async throws -> String {
        let mails = try await demo.waitForMails(before + count)
        #expect(mails.count == before + count)
        let mail = try #require(mails.prefix(mails.count - before).first { $0.recipients == [address] })
        return try await demo.read(mail)
    }

    private func deleteItems(_ count: Int, _ demo: Demo) async throws {
        let listed = try await demo.sluice(["sandbox", "items", "demo-erp", "--limit", "50", "--json"]).object()
        let items = (listed["items"] as? [[String: Any]] ?? []).filter { $0["sellable"] as? Bool == true }
        for item in items.prefix(count) {
            let code = try #require(item["code"] as? String)
            try await demo.expectDone(["call", "sandbox.deleteItem", #"{"system":"demo-erp","code":"\#(code)"}"#])
        }
    }

    /// As another program with the shop's key does.
    private func addToShop(_ count: Int, _ demo: Demo) async throws {
        let rows = (1...count).map { #"{"code":"ZZ\#($0)","name":"Another","active":true}"# }.joined(separator: ",")
        let port = demo.installation.variables["SLUICE_PORT_SANDBOX_HTTPS"] ?? ""
        let answer = try await demo.shell(
            """
            set -e
            ask() { curl -skf -H 'Authorization: Bearer wsk_sandbox' -H 'Content-Type: application/json' "$@"; }
            base=https://localhost:\(port)/demo-shop/api/v1
            id=$(ask -H 'Idempotency-Key: another' -d '{"dataset":"products","mode":"delta","expected_count":\(count),
              "source":{"connection":"con_another","run_id":"another"},"chunk_size":100}' $base/imports \
              | grep -oE '"id": ?"[^"]*"' | head -1 | cut -d'"' -f4)
            rows='[\(rows)]'
            sum=$(printf %s "$rows" | sha256sum | cut -d' ' -f1)
            ask -X PUT -d '{"rows":'"$rows"',"checksum":"sha256:'"$sum"'"}' $base/imports/$id/chunks/1
            ask -d '{"actual_count":\(count)}' $base/imports/$id/commit
            """)
        guard answer.status == 0 else { throw Installation.Failure(text: answer.output + answer.errors) }
    }
}
