import BillingAPI
import CoreTypes
import GRDB
import Persistence

/// Plans. All functions run in the caller's transaction.
enum PlanTable {
    /// What a merchant is on until somebody decides otherwise: nothing is charged.
    static let first = Plan(name: "Standard", fee: Money(minorUnits: 0, currency: "DKK"))

    /// The newest first; empty before the merchant's first run.
    static func history(of merchant: MerchantID, _ db: Database) throws -> [PlanChange] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM plan WHERE merchantID = ? ORDER BY sequence DESC LIMIT 200", arguments: [merchant]
        ).map { row in
            PlanChange(
                plan: Plan(
                    name: row["name"], fee: Money(minorUnits: row["feeMinorUnits"], currency: row["currency"])),
                validFrom: row["validFrom"], changedBy: row["changedBy"], reason: row["reason"])
        }
    }

    static func insert(_ change: PlanChange, of merchant: MerchantID, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO plan (merchantID, name, feeMinorUnits, currency, validFrom, changedBy, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                merchant, change.plan.name, change.plan.fee.minorUnits, change.plan.fee.currency, change.validFrom,
                change.changedBy, change.reason,
            ])
    }

    /// The plan in force; a merchant without one is put on the first.
    static func current(of merchant: MerchantID, at now: Instant, _ db: Database) throws -> Plan {
        if let known = try history(of: merchant, db).first { return known.plan }
        let change = PlanChange(plan: first, validFrom: now, changedBy: "billing", reason: "First run")
        try insert(change, of: merchant, db)
        return first
    }
}
