import BillingAPI
import CoreTypes
import GRDB
import Messaging
public import Persistence

/// Billing's SQLite file: plans and usage.
public struct BillingDatabase: Sendable {
    let database: ServiceDatabase

    public init(_ location: DatabaseLocation) throws {
        database = try ServiceDatabase(location, migrator: Self.migrator)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Inbox.registerMigrations(&migrator)
        migrator.registerPlans()
        migrator.registerUsage()
        return migrator
    }

    /// Whether the database answers: part of the service's health.
    public func fault() async -> StorageFault? { await database.fault() }

    /// What people should know although the service works: part of its health.
    public func healthNotes() async throws -> [String] {
        try await database.read { db in try Inbox.healthNotes(db) }
    }
}

/// A word in the database that this version does not know.
func storedWordUnknown(_ word: String) -> ServiceError {
    ServiceError(.dataLoss, reason: "stored_word_unknown", arguments: ["word": word])
}

extension BillingMonth {
    /// The month of an instant, by UTC.
    init(of instant: Instant) {
        let seconds = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
        let whole = seconds.remainder < 0 ? seconds.quotient - 1 : seconds.quotient
        let days = whole.quotientAndRemainder(dividingBy: 86_400)
        let day = CalendarDay(daysSince1970: Int(days.remainder < 0 ? days.quotient - 1 : days.quotient))
        guard let month = BillingMonth(year: day.year, month: day.month) else {
            preconditionFailure("a calendar day lies in a month of the years 1 to 9999")
        }
        self = month
    }
}
