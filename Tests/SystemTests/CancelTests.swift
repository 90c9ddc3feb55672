import Foundation
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

/// A run that is watched, and one that is taken back, through the real programs: `sluice run start`, `run cancel`.
@Suite(.serialized) final class CancelTests {
    private static let shared = Task { try await Demo() }

    private var demo: Demo {
        get async throws { try await Self.shared.value }
    }

    @Test func `01 cancelled while uploading: over in time, no session open at the shop, nothing staged, no mail`()
        async throws
    {
        let demo = try await demo
        let before = try await demo.shop()
        let mails = try await demo.mails().count
        // The first chunk is refused, so the run waits out of patience between two attempts.
        try await demo.expectDone(["sandbox", "break", "demo-shop", "failOnChunk", "--page", "1"])
        let run = try await start(demo)
        try await wait("an open session") { try await demo.shop().openImports > 0 }
        try await cancel(run, demo)
        #expect(try await demo.shop() == before)
        #expect(before.openImports == 0)
        #expect(try demo.stagingFiles().isEmpty)
        #expect(try await demo.mails().count == mails)
        try await demo.expectDone(["sandbox", "repair", "demo-shop"])
    }

    @Test func `02 a run that is watched shows fetched of expected, page, rate and time left`() async throws {
        let demo = try await demo
        try await demo.breakSource(["slow", "--milliseconds", "250"])
        // On a terminal, where the line is written over.
        let program = "\(Installation.root)/compose/sluice"
        let watched = try await demo.shell(
            "script -qec \"'\(program)' run start 'Demo ERP' --reason Watched --timeout 60\" /dev/null")
        #expect(watched.status == 0, "\(watched.output)\(watched.errors)")
        let lines = watched.output.split(separator: "\r")
        let moving = /of 1000 items, page \d+, \d+ a minute, .+ left/
        #expect(lines.contains { $0.contains(moving) }, "\(watched.output)")
        try await demo.repairSource()
        #expect(try await demo.shop().counts["products"] == 1000)
    }

    @Test func `03 cancelled in a page that comes drop by drop: over in time, and the shop is as it was`()
        async throws
    {
        let demo = try await demo
        let before = try await demo.shop()
        let mails = try await demo.mails().count
        try await demo.breakSource(["drip", "--milliseconds", "100"])
        let run = try await start(demo)
        try await wait("a page that is read") {
            let shown = try await demo.sluice(["run", "show", run, "--json"]).object()["run"] as? [String: Any]
            return (shown?["progress"] as? [String: Any])?["phase"] as? String == "extracting"
        }
        #expect(try !demo.stagingFiles().isEmpty)
        try await cancel(run, demo)
        #expect(try demo.stagingFiles().isEmpty)
        #expect(try await demo.shop() == before)
        #expect(try await demo.mails().count == mails)
        try await demo.repairSource()
        #expect(try await demo.importNow().outcome == "unchanged")
        try await demo.installation.stop()
    }

    private func start(_ demo: Demo) async throws -> String {
        let answer = try await demo.sluice(["run", "start", "Demo ERP", "--reason", "To be cancelled", "--no-wait"])
        return try #require(answer.output.split(whereSeparator: \.isWhitespace).first.map(String.init))
    }

    /// Cancels, and sees how long that took and that everybody is told.
    private func cancel(_ run: String, _ demo: Demo) async throws {
        let begun = ContinuousClock.now
        let answer = try await demo.sluice(["run", "cancel", run, "--reason", "Wrong company"])
        let took = ContinuousClock.now - begun
        print("cancelled on the command line: confirmed after \(took)")
        #expect(took < CancelRun.confirmedWithin)
        #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
        #expect(answer.output.contains("stopped because somebody asked for it"))
        #expect(answer.output.contains("Nothing was uploaded"))
        let shown = try await demo.sluice(["run", "show", run]).output
        #expect(shown.contains("cancelled"))
        #expect(shown.contains("Wrong company"))
        let log = try String(
            contentsOfFile: demo.installation.folder.file("state/log/importer.log"), encoding: .utf8)
        #expect(
            log.split(separator: "\n").contains {
                $0.contains("A run has ended.") && $0.contains(run) && $0.contains("cancelled")
            })
    }

    private func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<100 {
            if try await condition() { return }
        }
        throw Installation.Failure(text: "\(what): not in time")
    }
}
