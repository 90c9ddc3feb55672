import BillingAPI
import CoreTypes
import MonitorAPI
import NotifierAPI
import RPC
import SchedulerAPI
import Synchronization
import TestInstallation

/// What each service has acknowledged, kept by the one who was told: numbered writes, one after the other.
///
/// A write without an answer may or may not have taken place; one with an answer must be there for ever.
final class Ledger: Sendable {
    /// A service with a write of its own and a way to read it back.
    struct Account: Sendable {
        let service: String
        let write: @Sendable (Calls, _ page: UInt64, _ number: Int) async throws -> Void
        /// The numbers that are there, of one page.
        let read: @Sendable (Calls, _ page: UInt64) async throws -> Set<Int>
        /// Whether a later write hides the earlier ones.
        let keepsLastOnly: Bool
    }

    /// So many writes concern the same thing, then the next thing's turn comes: a history stays short enough to be read.
    private static let pageLength = 100

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
                try await account.write(calls, UInt64(number / Self.pageLength), number)
                acknowledged.withLock { $0.append(number) }
            } catch {}
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What was acknowledged and is not there.
    ///
    /// - Parameter recentOnly: Looks at the newest page only, for in between.
    func lost(recentOnly: Bool = false) async throws -> [Int] {
        // First what was acknowledged, then what is there: more may be acknowledged meanwhile.
        let known = acknowledged.withLock { $0 }
        let pages = Dictionary(grouping: known) { UInt64($0 / Self.pageLength) }
        var lost: [Int] = []
        for (page, numbers) in pages where !recentOnly || page == pages.keys.max() {
            let found = try await account.read(calls, page)
            if account.keepsLastOnly {
                if let last = numbers.max(), (found.max() ?? 0) < last { lost.append(last) }
            } else {
                lost += numbers.filter { !found.contains($0) }
            }
        }
        return lost
    }
}

extension Ledger.Account {
    /// Every account whose things nobody has to make first.
    static func all(scheduler merchant: Merchant) -> [Ledger.Account] {
        [.recipients, .monitoring, .plans, .switches(of: merchant)]
    }

    private static func number(in text: String) -> Int? {
        text.hasPrefix("write ") ? Int(text.dropFirst(6)) : nil
    }

    private static let recipients = Ledger.Account(
        service: "notifier",
        write: { calls, page, number in
            _ = try await calls(
                SetRecipients(
                    merchantID: MerchantID(bytes: (1, page)),
                    recipients: [RecipientChoice(address: "reader-\(number)@ledger.example", language: .english)],
                    withoutSupport: true, reason: "write \(number)"))
        },
        read: { calls, page in
            let list = try await calls(ListRecipients(merchantID: MerchantID(bytes: (1, page)))).list
            return Set(list.recipients.compactMap { number(in: $0.reason) })
        }, keepsLastOnly: true)

    private static let monitoring = Ledger.Account(
        service: "monitor",
        write: { calls, page, write in
            _ = try await calls(
                SetMonitoring(
                    connectionID: ConnectionID(bytes: (1, page)), on: write % 2 == 1, reason: "write \(write)"))
        },
        read: { calls, page in
            let policy = try await calls(DescribePolicy(connectionID: ConnectionID(bytes: (1, page)))).policy
            return Set(policy.history.compactMap { number(in: $0.reason) })
        }, keepsLastOnly: true)

    private static let plans = Ledger.Account(
        service: "billing",
        write: { calls, page, number in
            let plan = Plan(name: "Plan \(number)", fee: Money(minorUnits: 0, currency: "DKK"))
            _ = try await calls(
                SetPlan(merchantID: MerchantID(bytes: (1, page)), plan: plan, reason: "write \(number)"))
        },
        read: { calls, page in
            let history = try await calls(DescribePlan(merchantID: MerchantID(bytes: (1, page)))).history
            return Set(history.compactMap { number(in: $0.reason) })
        }, keepsLastOnly: false)

    private static func switches(of merchant: Merchant) -> Ledger.Account {
        Ledger.Account(
            service: "scheduler",
            write: { calls, _, write in
                _ = try await calls(
                    SetSwitch(
                        merchantID: merchant.id, level: .integration, on: write % 2 == 1, reason: "write \(write)")
                )
            },
            read: { calls, _ in
                let changes = try await calls(ListChanges(merchantID: merchant.id, limit: 500)).changes
                return Set(changes.compactMap { number(in: $0.reason) })
            }, keepsLastOnly: true)
    }
}
