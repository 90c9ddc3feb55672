import CoreTypes
import Foundation
import MonitorAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport

/// The receipts at the end: each run that was judged or changed the shop without being an import has one, none has two,
/// the chain has no gap, and whoever has nothing but the public key finds them genuine.
struct ReceiptAudit {
    let world: World
    let merchant: Merchant

    /// - Parameter runs: All of the connection; the monitor has heard of each.
    func problems(of runs: [RunSummary]) async throws -> [String] {
        let receipts = try await receipts()
        var problems: [String] = []
        if receipts.map(\.number) != Array(1..<Int64(receipts.count + 1)) { problems.append("the chain has a gap") }
        let named = receipts.map(\.runID)
        if Set(named).count != named.count { problems.append("a run has two receipts") }
        let over = Set(runs.filter { $0.startedAt != nil && $0.state == .finished }.map(\.runID))
        let owed = try await judged().union(
            runs.filter { [.rollback, .finish].contains($0.task?.kind) && $0.outcome != .unchanged }.map(\.runID))
        problems += owed.intersection(over).subtracting(named).map { "the run \($0) has no receipt" }
        problems += Set(named).subtracting(owed).map { "the run \($0) has a receipt and was not judged" }
        let outcomes = Dictionary(uniqueKeysWithValues: runs.map { ($0.runID, $0.outcome) })
        problems += receipts.filter { outcomes[$0.runID] != $0.outcome }.map { "the receipt of \($0.runID) lies" }
        return problems + (try await verified(receipts))
    }

    private func receipts() async throws -> [StoredReceipt] {
        var all: [StoredReceipt] = []
        while true {
            let page = try await world.calls(
                ListReceipts(connectionID: merchant.connectionID, after: all.last?.number)
            ).receipts
            if page.isEmpty { return all }
            all += page
        }
    }

    private func judged() async throws -> Set<RunID> {
        var all: [VerdictSummary] = []
        while true {
            let page = try await world.calls(
                ListVerdicts(connectionID: merchant.connectionID, limit: 200, before: all.last?.sequence)
            ).verdicts
            all += page
            if page.count < 200 { return Set(all.map(\.runID)) }
        }
    }

    /// By the program people use, from a file.
    private func verified(_ receipts: [StoredReceipt]) async throws -> [String] {
        guard !receipts.isEmpty else { return ["\(merchant.name) has no receipts"] }
        let key = try await world.calls(FetchVerifyingKey())
        let folder = world.installation.folder
        let (file, keyFile) = (folder.file("\(merchant.shop).jsonl"), folder.file("\(merchant.shop).key"))
        try receipts.map { $0.document + "\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
        try (key.receiptPublicKey ?? key.publicKey).write(toFile: keyFile, atomically: true, encoding: .utf8)
        let answer = try await world.installation.run("compose/sluice", ["verify", "receipt", file, "--key", keyFile])
        return answer.status == 0 ? [] : ["the receipts are not genuine: \(answer.output)\(answer.errors)"]
    }
}
