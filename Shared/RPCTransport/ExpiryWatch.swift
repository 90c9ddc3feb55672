import CoreTypes
import Logging
import TLS

/// Says in time, and then once a day, that the own certificate or the revocation list runs out: after that every peer is
/// refused.
struct ExpiryWatch {
    enum Item: String, CaseIterable {
        case certificate
        case revocationList = "revocation list"
    }

    struct Warning: Equatable {
        var item: Item
        /// Whole hours, rounded down; below 0 when it has run out.
        var hoursLeft: Int64
    }

    static let noticeHours: Int64 = 72
    private static let hour: Int64 = 3_600_000

    private var told: [Item: Instant] = [:]

    /// - Parameter expiries: When each runs out; one that is missing never does.
    /// - Returns: What has to be said now.
    mutating func look(_ expiries: [Item: Instant], at now: Instant) -> [Warning] {
        Item.allCases.compactMap { item in
            guard let expiry = expiries[item] else { return nil }
            let left = expiry.milliseconds - now.milliseconds
            guard left < Self.noticeHours * Self.hour else {
                // Renewed: the next time is told at once again.
                told[item] = nil
                return nil
            }
            if let last = told[item], now.milliseconds - last.milliseconds < 24 * Self.hour { return nil }
            told[item] = now
            return Warning(item: item, hoursLeft: Int64((Double(left) / Double(Self.hour)).rounded(.down)))
        }
    }

    mutating func look(_ context: TLSContext, at now: Instant, _ logger: Logger) {
        var expiries = [Item.certificate: Instant(seconds: context.certificateExpiresAt)]
        expiries[.revocationList] = context.revocationListExpiresAt.map { Instant(seconds: $0) }
        for warning in look(expiries, at: now) {
            logger.warning(
                warning.hoursLeft < 0 ? "no peer is accepted: run out" : "runs out soon: renew it",
                metadata: ["what": "\(warning.item.rawValue)", "hours": "\(warning.hoursLeft)"])
        }
    }
}
