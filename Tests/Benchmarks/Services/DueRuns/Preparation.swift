import Candidate
import CoreTypes
import RPC
import RPCTransport
import SchedulerAPI

/// Merchants with connections that all come due in the same minute, made through the API that support uses.
struct Preparation {
    let scheduler: RPCClient
    let count: Int

    /// So that a merchant's connections wait for each other, as they do in real life.
    static let connectionsPerMerchant = 100

    private struct Shop: Sendable {
        var merchant: MerchantID
        var source: SystemID
        var target: SystemID
        var number: Int
    }

    /// - Returns: When they are all due.
    func run() async throws -> Instant {
        let begin = ContinuousClock.now
        let shops = try await makeShops()
        // Connections take about as long as what they join; the minute must lie after the last of them.
        let spent = ContinuousClock.now - begin
        let due = Self.fullMinute(after: now() + spent * 2 + .seconds(10))
        let minutes = due.milliseconds / 60_000
        let cron = "\(minutes % 60) \(minutes / 60 % 24) * * *"
        try await Crowd.each(shops.count) { index in
            let shop = shops[index]
            _ = try await scheduler.call(
                CreateConnection(
                    merchantID: shop.merchant, label: "Connection \(shop.number)", sourceID: shop.source,
                    targetID: shop.target, settings: ConnectionSettings(modules: [.products]),
                    schedule: .cron(cron, timeZone: "UTC")))
        }
        guard now() < due else { fail("making \(count) connections took too long: the first came due before") }
        return due
    }

    private func makeShops() async throws -> [Shop] {
        var shops: [Shop] = []
        for first in stride(from: 0, to: count, by: Self.connectionsPerMerchant) {
            let merchant = try await scheduler.call(
                CreateMerchant(name: "Merchant \(first)", language: .english, timeZone: "UTC")
            ).merchant.merchantID
            let source = try await makeSystem(.sapBusinessOne, number: first, of: merchant)
            let numbers = first..<min(first + Self.connectionsPerMerchant, count)
            shops += try await withThrowingTaskGroup(of: Shop.self) { group in
                for number in numbers {
                    group.addTask {
                        let target = try await makeSystem(.genericWebshop, number: number, of: merchant)
                        return Shop(merchant: merchant, source: source, target: target, number: number)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        return shops
    }

    private func makeSystem(_ kind: SystemKind, number: Int, of merchant: MerchantID) async throws -> SystemID {
        try await scheduler.call(
            CreateSystem(
                merchantID: merchant, name: "\(kind.rawValue) \(number)", kind: kind,
                baseURL: "https://\(kind.rawValue.lowercased())\(number).example",
                options: kind.isSource ? ["companyDatabase": "BENCH"] : nil,
                // Nobody opens these: no run gets as far as the outside system.
                credentials: SealedText(keyID: "none", encapsulatedKey: "none", ciphertext: "none"))
        ).system.systemID
    }

    static func fullMinute(after instant: Instant) -> Instant {
        Instant(milliseconds: (instant.milliseconds / 60_000 + 1) * 60_000)
    }
}
