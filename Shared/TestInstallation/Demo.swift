import Foundation

/// The demo merchant on a running installation, and what tests ask about it.
public final class Demo: Sendable {
    public let installation: Installation

    public init() async throws {
        installation = try await Installation()
        let port = installation.variables["SLUICE_PORT_SANDBOX_HTTPS"] ?? ""
        let address = "https://localhost:\(port)"
        try await expectDone(["sandbox", "create-erp", "demo-erp", "--items", "1000", "--seed", "7"])
        try await expectDone(["sandbox", "create-shop", "demo-shop"])
        try await expectDone(["merchant", "create", "Nordlys Lamper ApS", "--speaks", "da"])
        try await expectDone(
            [
                "system", "add", "--merchant", "Nordlys", "--name", "Demo ERP", "--kind", "sapBusinessOne", "--url",
                "\(address)/demo-erp", "--option", "companyDatabase=SBODEMO", "--user", "manager",
            ], input: "sandbox\n")
        try await expectDone(
            [
                "system", "add", "--merchant", "Nordlys", "--name", "Demo shop", "--kind", "genericWebshop", "--url",
                "\(address)/demo-shop",
            ], input: "wsk_sandbox\n")
        try await expectDone(
            [
                "recipients", "set", "Nordlys", "anna@nordlys.example:da", "bo@nordlys.example:en", "--reason", "Test",
            ])
        try await expectDone(
            [
                "connection", "create", "--merchant", "Nordlys", "--source", "Demo ERP", "--target", "Demo shop",
                "--price-list", "1=retail", "--price-list", "2=trade", "--price-list", "3=staff", "--warehouse",
                "01=main", "--warehouse", "02=main", "--page-size", "100", "--manual",
            ])
    }

    public func sluice(_ arguments: [String], input: String = "") async throws -> Installation.Answer {
        try await installation.run("compose/sluice", arguments, input: input)
    }

    public func shell(_ command: String) async throws -> Installation.Answer {
        try await installation.run("/bin/bash", ["-c", command])
    }

    public func expectDone(_ arguments: [String], input: String = "") async throws {
        let answer = try await sluice(arguments, input: input)
        guard answer.status == 0 else {
            throw Installation.Failure(text: "\(arguments): \(answer.status) \(answer.output)\(answer.errors)")
        }
    }

    public func breakSource(_ fault: [String]) async throws {
        try await expectDone(["sandbox", "break", "demo-erp"] + fault)
    }
    public func repairSource() async throws { try await expectDone(["sandbox", "repair", "demo-erp"]) }

    public struct Run {
        public var outcome: String?
        public var verdict: String?
        public var modules: [String]
        public var report: [String: Any]
        public var isSuccess: Bool { outcome == "published" || outcome == "unchanged" }
    }

    /// Starts an import by hand and waits for its end.
    public func importNow() async throws -> Run {
        let answer = try await sluice([
            "run", "start", "Demo ERP", "--reason", "System test", "--json", "--timeout", "60",
        ])
        guard answer.status == 0 || answer.status == 2,
            let run = try answer.object()["run"] as? [String: Any],
            let report = run["report"] as? [String: Any], let summary = run["run"] as? [String: Any]
        else { throw Installation.Failure(text: "\(answer.status) \(answer.output)\(answer.errors)") }
        return Run(
            outcome: report["outcome"] as? String, verdict: report["verdict"] as? String,
            modules: summary["modules"] as? [String] ?? [], report: report)
    }

    public struct Shop: Equatable {
        public var digest: String
        public var counts: [String: Int]
        public var openImports: Int
    }

    public func shop() async throws -> Shop {
        let answer = try await sluice(["sandbox", "shop", "demo-shop", "--json"]).object()
        let datasets = answer["datasets"] as? [[String: Any]] ?? []
        let counts = datasets.map { ($0["name"] as? String ?? "", $0["count"] as? Int ?? 0) }
        return Shop(
            digest: answer["digest"] as? String ?? "", counts: Dictionary(uniqueKeysWithValues: counts),
            openImports: (answer["openImports"] as? [Any])?.count ?? -1)
    }

    public func stagingFiles() throws -> [String] {
        installation.files(in: "data/importer/staging").filter { !$0.hasSuffix("/") }
    }

    public struct Mail {
        public var id: Int
        public var recipients: [String]
        public var subject: String
    }

    public func mails() async throws -> [Mail] {
        let answer = try await sluice(["sandbox", "mailbox", "--json"]).object()
        return (answer["mails"] as? [[String: Any]] ?? []).map { mail in
            Mail(
                id: mail["id"] as? Int ?? 0, recipients: mail["recipients"] as? [String] ?? [],
                subject: mail["subject"] as? String ?? "")
        }
    }

    /// The newest mails once there are `count` in all.
    public func waitForMails(_ count: Int) async throws -> [Mail] {
        for _ in 0..<60 {
            let all = try await mails()
            if all.count >= count { return all }
        }
        throw Installation.Failure(text: "only \(try await mails().count) mails of \(count) came")
    }

    public func read(_ mail: Mail) async throws -> String {
        try await sluice(["sandbox", "read", "\(mail.id)"]).output
    }

    public func finishedRuns() async throws -> Int {
        let runs =
            try await sluice(["run", "list", "--limit", "500", "--json"]).object()["runs"] as? [[String: Any]] ?? []
        return runs.count { $0["state"] as? String == "finished" }
    }

    public func waitForUsage(_ quantity: Int) async throws -> (quantity: Int, amount: Int) {
        var last = (quantity: 0, amount: 0)
        for _ in 0..<60 {
            let totals = try await sluice(["usage", "Nordlys", "--json"]).object()["totals"] as? [[String: Any]] ?? []
            last = (
                totals.reduce(0) { $0 + ($1["quantity"] as? Int ?? 0) },
                totals.reduce(0) { $0 + (($1["amount"] as? [String: Any])?["minorUnits"] as? Int ?? 0) }
            )
            if last.quantity >= quantity { break }
        }
        return last
    }
}
