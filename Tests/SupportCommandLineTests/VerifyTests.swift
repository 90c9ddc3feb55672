import ArgumentParser
import CoreTypes
import Foundation
import Keys
import MonitorAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import SupportCommandLine

/// The command needs a file and a key: no service is asked, and none is running here.
@Suite struct VerifyTests {
    private let folder: TemporaryFolder
    private let key: SigningKey

    init() throws {
        folder = try TemporaryFolder()
        key = try SigningKey(rawRepresentation: Secret(Array(repeating: 9, count: 32)))
        try KeyFile.write(key.verifyingKey.rawRepresentation, to: folder.file("key.pub"), isPrivate: false)
    }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: folder.file("receipts"))) }

    private func line() throws -> String {
        let run = RunFinished(
            runID: .example, merchantID: .example, merchantName: "Nordlys Cykler", connectionID: .example,
            connectionLabel: "SAP > shop", sourceName: "SAP", targetName: "shop", modules: [.products],
            trigger: .schedule, startedBy: nil, startReason: nil, startedAt: .example, finishedAt: .example,
            lastPublishedAt: nil, nextRunAt: nil, report: RunReport(outcome: .published, reason: "run_published"),
            traceparent: .example)
        let receipt = Receipt(
            number: 1, previous: nil, of: run, evidence: .example, evidenceDigest: "00", verdict: .example,
            monitorVersion: "1", at: .example)
        return try SignedReceipt.line(of: receipt, signedWith: key)
    }

    private func verify(key: String = "key.pub") throws {
        let arguments = ["verify", "receipt", folder.file("receipts"), "--key", folder.file(key)]
        var command = try SluiceCommand.parseAsRoot(arguments)
        try command.run()
    }

    @Test func `a genuine receipt is accepted offline`() throws {
        try write(try line() + "\n")
        try verify()
    }

    @Test func `a changed receipt, another key, no file and no key each end with 1`() throws {
        try write(try line().replacing("Nordlys", with: "Sydlys") + "\n")
        #expect(throws: ExitCode(1)) { try verify() }
        try write(try line() + "\n")
        let other = try SigningKey(rawRepresentation: Secret(Array(repeating: 1, count: 32)))
        try KeyFile.write(other.verifyingKey.rawRepresentation, to: folder.file("other.pub"), isPrivate: false)
        #expect(throws: ExitCode(1)) { try verify(key: "other.pub") }
        #expect(throws: ExitCode(1)) { try verify(key: "none.pub") }
        try FileManager.default.removeItem(atPath: folder.file("receipts"))
        #expect(throws: ExitCode(1)) { try verify() }
    }

    @Test func `without a key nothing can be verified`() {
        #expect(throws: (any Error).self) { try SluiceCommand.parseAsRoot(["verify", "receipt", "file"]) }
    }
}

@Suite struct PolicyOptionsTests {
    private func rules(_ arguments: [String], from rules: PolicyRules = PolicyRules()) throws -> PolicyRules {
        try PolicyChangeOptions.parse(arguments).applied(to: rules, at: .example)
    }

    @Test func `what is not named stays as it is`() throws {
        let held = PolicyRules(tolerance: 2, dropGuard: nil, mustHave: ["A"])
        #expect(try rules([], from: held) == held)
        #expect(try rules(["--tolerance", "0"], from: held).mustHave == ["A"])
    }

    @Test func `limits are set and taken away`() throws {
        let set = try rules([
            "--drop-guard", "5,2.5", "--price-change", "25", "--zero-prices", "3", "--stock-sum", "40",
            "--shadow-days", "7",
        ])
        #expect(set.dropGuard == DropGuard(items: 5, percent: ExactDecimal("2.5") ?? .zero))
        #expect(set.controlTotals.priceChangePercent == ExactDecimal(25))
        #expect(set.controlTotals.zeroPrices == 3)
        #expect(set.controlTotals.stockSumPercent == ExactDecimal(40))
        #expect(set.shadowUntil == .example + .seconds(7 * 86_400))
        let off = try rules(
            [
                "--drop-guard", "off", "--price-change", "off", "--zero-prices", "off", "--stock-sum", "off",
                "--shadow-days", "0",
            ], from: set)
        #expect(off == PolicyRules(dropGuard: nil))
    }

    @Test func `must-have items are added and taken off`() throws {
        let held = PolicyRules(mustHave: ["A", "B"])
        #expect(try rules(["--add-must-have", "C", "--remove-must-have", "A"], from: held).mustHave == ["B", "C"])
    }

    @Test(arguments: [
        ["--drop-guard", "5"], ["--drop-guard", "a,b"], ["--price-change", "much"], ["--zero-prices", "1.5"],
        ["--shadow-days", "91"], ["--must-have-file", "x", "--add-must-have", "A"],
    ])
    func `what cannot be read is refused before anything is called`(arguments: [String]) {
        #expect(throws: (any Error).self) { try rules(arguments) }
    }
}
