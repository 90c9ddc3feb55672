import BillingAPI
import CoreTypes
import MonitorAPI
import NotifierAPI
import RPC
import SchedulerAPI
import Synchronization
import TestInstallation

/// What each service has acknowledged, kept by the one who was told: numbered writes, one after the other, each of which
/// leaves something of its own that no later write hides.
///
/// A write without an answer may or may not have taken place; one with an answer must be there for ever.
final class Ledger: Sendable {
    /// A service with a write of its own and a way to read it back.
    struct Account: Sendable {
        let service: String
        let write: @Sendable (Calls, _ number: Int) async throws -> Void
        /// Those of the writes that are there, once each and whole.
        let read: @Sendable (Calls, _ numbers: [Int]) async throws -> Set<Int>
    }

    let account: Account
    private let calls: Calls
    private let acknowledged = Mutex<[Int]>([])

    init(_ account: Account, _ calls: Calls) {
        self.account = account
        self.calls = calls
    }

    var count: Int { acknowledged.withLock { $0.count } }

    /// Writes until the task is cancelled; what the service refuses or does not answer is not acknowledged.
    func run() async {
        var number = 0
        while !Task.isCancelled {
            number += 1
            do {
                try await account.write(calls, number)
                acknowledged.withLock { $0.append(number) }
            } catch {}
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What was acknowledged and is not there.
    ///
    /// - Parameter newest: How many to look at, for in between; nil for all.
    func lost(newest: Int? = nil) async throws -> [Int] {
        // First what was acknowledged, then what is there: more may be acknowledged meanwhile.
        let known = acknowledged.withLock { Array($0.suffix(newest ?? .max)) }
        let found = try await account.read(calls, known)
        return known.filter { !found.contains($0) }
    }
}

extension Ledger.Account {
    /// One for each service that acknowledges anything; what the importer is told, it is told again.
    static let all = [merchants, monitoring, recipients, plans]

    /// Each write has a merchant, or a connection, of its own: so nothing hides it.
    private static func merchant(_ number: Int) -> MerchantID { MerchantID(bytes: (0x1ED6E5, UInt64(number))) }
    private static func connection(_ number: Int) -> ConnectionID { ConnectionID(bytes: (0x1ED6E5, UInt64(number))) }
    private static func reason(_ number: Int) -> String { "write \(number)" }

    /// Asks for each write, one after the other.
    private static func each(_ isThere: @escaping @Sendable (Calls, Int) async throws -> Bool)
        -> @Sendable (Calls, [Int]) async throws -> Set<Int>
    {
        { calls, numbers in
            var found: Set<Int> = []
            for number in numbers where try await isThere(calls, number) { found.insert(number) }
            return found
        }
    }

    /// A merchant, and its main switch put off: two calls, and a line in its list of changes.
    private static let merchants = Ledger.Account(
        service: "scheduler",
        write: { calls, number in
            let made = try await calls(
                CreateMerchant(name: "Ledger \(number) of many", language: .english, timeZone: "Europe/Copenhagen"))
            _ = try await calls(
                SetSwitch(
                    merchantID: made.merchant.merchantID, level: .integration, on: false, reason: reason(number)))
        },
        read: each { calls, number in
            let found = try await calls(ListMerchants(query: "Ledger \(number) of")).merchants
            guard found.count == 1, let merchant = found.first else { return false }
            let changes = try await calls(ListChanges(merchantID: merchant.merchantID)).changes
            return changes.count { $0.reason == reason(number) } == 1
        })

    private static let monitoring = Ledger.Account(
        service: "monitor",
        write: { calls, number in
            _ = try await calls(
                SetMonitoring(connectionID: connection(number), on: false, reason: reason(number)))
        },
        read: each { calls, number in
            let policy = try await calls(DescribePolicy(connectionID: connection(number))).policy
            return !policy.on && policy.history.map(\.reason) == [reason(number)]
        })

    private static let mailEvery = 10

    /// A list of addresses, and every tenth time a mail to it, which is in the outbox once and comes once.
    private static let recipients = Ledger.Account(
        service: "notifier",
        write: { calls, number in
            let address = address(number)
            _ = try await calls(
                SetRecipients(
                    merchantID: merchant(number), recipients: [RecipientChoice(address: address, language: .english)],
                    withoutSupport: true, reason: reason(number)))
            if number % mailEvery == 0 { _ = try await calls(SendTest(merchantID: merchant(number))) }
        },
        read: each { calls, number in
            let list = try await calls(ListRecipients(merchantID: merchant(number))).list
            guard list.recipients.map(\.choice.address) == [address(number)],
                list.recipients.first?.reason == reason(number)
            else { return false }
            guard number % mailEvery == 0 else { return true }
            return try await calls(ListMessages(merchantID: merchant(number))).messages.count == 1
        })

    private static func address(_ number: Int) -> String { "reader-\(number)@ledger.example" }

    private static let plans = Ledger.Account(
        service: "billing",
        write: { calls, number in
            let plan = Plan(name: "Plan \(number)", fee: Money(minorUnits: 0, currency: "DKK"))
            _ = try await calls(SetPlan(merchantID: merchant(number), plan: plan, reason: reason(number)))
        },
        read: each { calls, number in
            let history = try await calls(DescribePlan(merchantID: merchant(number))).history
            return history.count { $0.reason == reason(number) && $0.plan.name == "Plan \(number)" } == 1
        })
}
