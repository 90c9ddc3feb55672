import CoreTypes
import Foundation
import ImporterAPI
import JSON
import Keys
import NotifierAPI
import RPC
import SchedulerAPI
import TestInstallation

/// A merchant with one connection from a simulated ERP to a simulated shop.
struct Merchant: Sendable {
    let name: String
    let id: MerchantID
    let connectionID: ConnectionID
    let erp: String
    let shop: String
    /// Its shop does not stage.
    let isDirect: Bool
    let addresses: [String]
}

/// An installation and those who use it.
final class World: Sendable {
    let installation: Installation
    let calls: Calls
    let systems: SimulatedSystems

    /// As quick as the settings allow, so that what is lost is found soon.
    static let quickSettings = [
        "scheduler": ["SCHEDULER_LEASE_SECONDS": "3", "SCHEDULER_PREFERENCE_SECONDS": "0"],
        "importer": ["IMPORTER_CLAIM_SECONDS": "1", "IMPORTER_FIRST_RETRY_MILLISECONDS": "50"],
    ]

    init(settings: [String: [String: String]] = World.quickSettings) async throws {
        installation = try await Installation(settings: settings)
        calls = try Calls(installation)
        systems = SimulatedSystems(calls: calls)
    }

    /// - Parameters:
    ///   - tag: Names everything of the merchant; lower-case letters and digits.
    ///   - paging: By offset a run in the place of a lost one reads everything again, which is more work to be killed in.
    ///   - sourceURL: Where its ERP is, when that is none of the sandbox's.
    func addMerchant(
        _ tag: String, items: Int = 300, seed: Int64 = 7, paging: Reading.Paging = .offset, pageSize: Int = 100,
        schedule: Schedule = .manual, erpPassword: String = "sandbox", shopKey: String = "wsk_sandbox",
        sourceURL: String? = nil, isDirect: Bool = false
    ) async throws -> Merchant {
        try await systems.createERP("\(tag)-erp", items: items, seed: seed, password: erpPassword)
        try await systems.createShop("\(tag)-shop", apiKey: shopKey, isDirect: isDirect)
        let name = "Merchant \(tag)"
        let id = try await calls(CreateMerchant(name: name, language: .english, timeZone: "Europe/Copenhagen"))
            .merchant.merchantID
        let addresses = ["anna@\(tag).example", "bo@\(tag).example"]
        _ = try await calls(
            SetRecipients(
                merchantID: id, recipients: addresses.map { RecipientChoice(address: $0, language: .english) },
                withoutSupport: true, reason: "test"))
        let outside = "https://localhost:\(installation.port("SANDBOX_HTTPS"))"
        let source = try await addSystem(
            .sapBusinessOne, "ERP", at: sourceURL ?? "\(outside)/\(tag)-erp", of: id, ["companyDatabase": "SBODEMO"],
            ["user": "manager", "password": erpPassword])
        let target = try await addSystem(
            isDirect ? .directWebshop : .genericWebshop, "Shop", at: "\(outside)/\(tag)-shop", of: id, [:],
            ["apiKey": shopKey])
        var settings = ConnectionSettings(reading: Reading(paging: paging, pageSize: pageSize))
        settings.mapping.prices.priceLists = ["1": "retail", "2": "trade"]
        let connection = try await calls(
            CreateConnection(
                merchantID: id, label: "\(tag) connection", sourceID: source, targetID: target, settings: settings,
                schedule: schedule))
        return Merchant(
            name: name, id: id, connectionID: connection.connection.connectionID, erp: "\(tag)-erp",
            shop: "\(tag)-shop", isDirect: isDirect, addresses: addresses)
    }

    func addSystem(
        _ kind: SystemKind, _ name: String, at url: String, of merchant: MerchantID, _ options: [String: String],
        _ credentials: [String: String]
    ) async throws -> SystemID {
        let sealed = try await sealed(credentials, boundTo: "\(merchant)/\(kind.rawValue)/\(url)")
        return try await calls(
            CreateSystem(
                merchantID: merchant, name: name, kind: kind, baseURL: url, options: options, credentials: sealed)
        ).system.systemID
    }

    private func sealed(_ credentials: [String: String], boundTo context: String) async throws -> SealedText {
        let key = try await calls(FetchSealingKey())
        let sealed = try SealingPublicKey(rawRepresentation: Array(Data(base64Encoded: key.publicKey) ?? Data())).seal(
            Secret(try JSON.encode(credentials)), boundTo: context)
        return SealedText(
            keyID: sealed.keyID, encapsulatedKey: Data(sealed.encapsulatedKey).base64EncodedString(),
            ciphertext: Data(sealed.ciphertext).base64EncodedString())
    }

    // MARK: Runs

    /// - Returns: The run, which now must never be lost.
    func startRun(_ merchant: Merchant) async throws -> RunID {
        try await calls(StartRun(connectionID: merchant.connectionID, reason: "test")).runID
    }

    /// Waits until nothing of the connection is queued or in hand.
    ///
    /// - Returns: Its newest run.
    func idle(_ merchant: Merchant, within limit: Duration = .seconds(60)) async throws -> RunSummary {
        try await eventually("the end of the run of \(merchant.name)", within: limit) {
            let runs = try await self.calls(ListRuns(connectionID: merchant.connectionID, limit: 5)).runs
            return runs.contains { $0.state.isActive } ? nil : runs.first
        }
    }

    /// Starts runs until one brings the source to the shop; each is an acknowledged one.
    ///
    /// - Returns: Those it started.
    func publish(_ merchant: Merchant, attempts: Int = 3) async throws -> [RunID] {
        var started: [RunID] = []
        for _ in 0..<attempts {
            started.append(try await startRun(merchant))
            if try await idle(merchant).outcome?.isSuccess == true { return started }
        }
        throw Installation.Failure(text: "\(merchant.name) could not be published in \(attempts) attempts")
    }

    func reader(of merchant: Merchant) -> ShopReader {
        ShopReader(installation, shop: merchant.shop, path: merchant.isDirect ? "rest/v1" : "api/v1")
    }

    func run(_ id: RunID) async throws -> RunDescription { try await calls(DescribeRun(runID: id)).run }

    /// All runs of a connection, the newest first.
    func runs(of merchant: Merchant) async throws -> [RunSummary] {
        var all: [RunSummary] = []
        while true {
            let page = try await calls(
                ListRuns(connectionID: merchant.connectionID, limit: 500, before: all.last?.runID)
            ).runs
            all += page
            if page.count < 500 { return all }
        }
    }

    // MARK: Restarts

    /// Starts a service again, waits until it is ready and gives the time that took.
    @discardableResult
    func restart(_ service: String) async throws -> Duration {
        let start = ContinuousClock.now
        _ = try await installation.start(service)
        _ = try await calls.ready(service)
        return ContinuousClock.now - start
    }
}
