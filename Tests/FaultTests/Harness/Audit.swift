import BillingAPI
import CoreTypes
import GRDB
import MonitorAPI
import NotifierAPI
import RPC
import SandboxAPI
import SchedulerAPI
import TestInstallation

/// The books at the end: every run once, everything counted once, every mail once, nothing left lying about.
struct Audit {
    let world: World
    let merchant: Merchant

    /// - Parameter acknowledged: Runs whose start was answered.
    /// - Returns: What is wrong, in words; empty when all is well.
    func problems(acknowledged: [RunID]) async throws -> [String] {
        _ = try await world.idle(merchant)
        let runs = try await world.runs(of: merchant)
        var problems: [String] = []
        problems += try await checkRuns(runs, acknowledged)
        problems += try await checkUsage(runs)
        problems += try await checkMemory(runs)
        problems += try await ReceiptAudit(world: world, merchant: merchant).problems(of: runs)
        problems += try await checkMails()
        problems += try await checkLeftovers()
        problems += try await shopProblems()
        return problems
    }

    private func checkRuns(_ runs: [RunSummary], _ acknowledged: [RunID]) async throws -> [String] {
        var problems: [String] = []
        for id in acknowledged where !runs.contains(where: { $0.runID == id }) { problems.append("run \(id) is lost") }
        for run in runs {
            // Nothing is started in place of a lost run while its connection is switched off.
            if run.state == .skipped, run.reason == "run_skipped_switched_off" { continue }
            if run.state != .finished { problems.append("run \(run.runID) is \(run.state)") }
            // What was left half done is asked for again by the importer that has it.
            guard run.outcome == .lost, run.trigger != .afterLoss, run.task?.kind != .finish else { continue }
            let replacements = runs.filter { $0.trigger == .afterLoss && $0.queuedAt >= run.queuedAt }
            let replacedBy = try await world.run(run.runID).replacedBy
            if !replacements.contains(where: { $0.runID == replacedBy }) {
                problems.append("the lost run \(run.runID) was not queued once more")
            }
        }
        let replaced = try await runs.filter { $0.trigger == .afterLoss }.asyncMap {
            try await world.run($0.runID).replaces
        }
        if Set(replaced).count != replaced.count { problems.append("a lost run was queued again twice") }
        return problems
    }

    /// What is announced: every run that an importer had in hand.
    private func announced(_ runs: [RunSummary]) -> Set<RunID> {
        Set(runs.filter { $0.startedAt != nil && $0.state == .finished }.map(\.runID))
    }

    /// The runs that were counted, once all of them are.
    func settledUsage() async throws -> [RunID] {
        let expected = announced(try await world.runs(of: merchant))
        return try await eventually("usage") { () -> [RunID]? in
            let counted = try await usage()
            return Set(counted) == expected ? counted : nil
        }
    }

    private func checkUsage(_ runs: [RunSummary]) async throws -> [String] {
        let expected = announced(runs)
        let counted = try? await settledUsage()
        guard let counted else {
            let found = Set(try await usage())
            return ["not counted: \(expected.subtracting(found)); counted for nothing: \(found.subtracting(expected))"]
        }
        return counted.count == expected.count
            ? [] : ["\(counted.count) events were counted for \(expected.count) runs"]
    }

    private func usage() async throws -> [RunID] {
        var events: [UsageEvent] = []
        while true {
            let page = try await world.calls(
                ListUsageEvents(merchantID: merchant.id, limit: 200, before: events.last?.sequence)
            ).events
            events += page
            if page.count < 200 { return events.map(\.runID) }
        }
    }

    private func checkMemory(_ runs: [RunSummary]) async throws -> [String] {
        let expected = runs.filter { $0.startedAt != nil }.prefix(150).map(\.runID)
        let remembered = try? await eventually("the monitor's memory") { () -> [RunID]? in
            let known = try await world.calls(DescribeHealth(connectionID: merchant.connectionID, limit: 200)).runs
            return Set(expected).isSubset(of: known.map(\.runID)) ? known.map(\.runID) : nil
        }
        guard let remembered else { return ["the monitor does not know of every run"] }
        return Set(remembered).count == remembered.count ? [] : ["the monitor remembers a run twice"]
    }

    /// One mail of each purpose to each address about each incident, and each at the mail server; twice there only under
    /// one Message-ID.
    private func checkMails() async throws -> [String] {
        let messages = try await eventually("the last mail", within: .seconds(60)) { () -> [Message]? in
            let all = try await self.messages()
            return all.allSatisfy { $0.state == .accepted } ? all : nil
        }
        var problems: [String] = []
        let told = messages.filter { $0.purpose != .recovery }
        let kinds = Dictionary(grouping: told) { "\($0.incidentID?.rawValue ?? "") \($0.purpose) \($0.address)" }
        for (kind, same) in kinds where same.count > 1 { problems.append("\(same.count) mails: \(kind)") }
        problems += try await checkRecoveries(messages)
        let received = try await world.systems.mails(to: merchant.addresses)
        let ids = Dictionary(grouping: received) { String($0.messageID.drop { $0 == "<" }.prefix { $0 != "@" }) }
        for message in messages where ids[message.messageID.rawValue] == nil {
            problems.append("the mail \(message.messageID) was accepted and never came")
        }
        for (id, copies) in ids where Set(copies.map { "\($0.recipients) \($0.subject) \($0.text)" }).count > 1 {
            problems.append("different mails came under one Message-ID: \(id)")
        }
        return problems
    }

    /// One recovery mail to each address for each run that ended incidents, and not more.
    private func checkRecoveries(_ messages: [Message]) async throws -> [String] {
        let incidents = try await world.calls(ListIncidents(connectionID: merchant.connectionID, limit: 200)).incidents
        guard incidents.count < 200 else { return [] }
        let recoveries = Set(incidents.compactMap(\.closedAt)).count
        let sent = Dictionary(grouping: messages.filter { $0.purpose == .recovery }, by: \.address)
        return sent.filter { $0.value.count > recoveries }.map { address, mails in
            "\(mails.count) recovery mails to \(address) for \(recoveries) recoveries"
        }
    }

    private func messages() async throws -> [Message] {
        var all: [Message] = []
        while true {
            let page = try await world.calls(
                ListMessages(merchantID: merchant.id, limit: 200, before: all.last?.sequence)
            ).messages
            all += page
            if page.count < 200 { return all }
        }
    }

    private func checkLeftovers() async throws -> [String] {
        let look = DatabaseCheck(installation: world.installation)
        let lists: [(what: String, find: () async throws -> [String])] = [
            (
                "files in staging",
                { world.installation.files(in: "data/importer/staging").filter { !$0.hasSuffix("/") } }
            ),
            ("open imports at the shop", { try await world.systems.openImports(of: merchant.shop) }),
            (
                "runs in the importer's journal",
                {
                    try look.read("data/importer/importer.sqlite") { db in try look.journal(db) }
                }
            ),
        ]
        var problems: [String] = []
        for (what, find) in lists {
            let isEmpty = try? await eventually(what) { (try? await find())?.isEmpty == true ? true : nil }
            if isEmpty != true { problems.append("\(what): \(try await find())") }
        }
        return problems
    }

    /// The shop has what the source has: each product, each price, each stock.
    func shopProblems() async throws -> [String] {
        let shop = try await world.reader(of: merchant).whole()
        let items = try await world.systems.items(of: merchant.erp)
        var problems: [String] = []
        if shop.products != Set(items.map(\.code)) { problems.append("the shop's products are not the source's") }
        for item in items {
            guard let price = item.prices["1"].flatMap({ Double($0) }) else { continue }
            if shop.retail[item.code].flatMap({ Double($0) }) != price { problems.append("the price of \(item.code)") }
        }
        return problems
    }
}

extension Sequence {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
