import CoreTypes
import Foundation

/// The clock on the wall of a time zone.
struct CivilZone: Sendable, Equatable {
    private let zone: TimeZone

    /// - Parameter name: An IANA name with its area, `Europe/Copenhagen`, or `UTC`. Abbreviations (`CET`) and offsets
    ///   (`GMT+2`) are refused: they do not say when summer time begins.
    init?(_ name: String) {
        guard name == "UTC" || name.contains("/"), name.utf8.count <= 64, let zone = TimeZone(identifier: name) else {
            return nil
        }
        self.zone = zone
    }

    /// Seconds that the wall clock is ahead of UTC at `second` (since 1970).
    func offset(at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }

    func localSecond(at second: Int64) -> Int64 { second + offset(at: second) }

    /// When the wall clock first shows `local` (seconds since 1970 as if the zone were UTC).
    ///
    /// A time shown twice, in autumn, is the first of both. A time never shown, in the gap of spring, is the moment the
    /// clock jumps over it.
    func firstSecond(showing local: Int64) -> Int64 {
        // Offsets a day before and after cover any change in between; no zone changes twice in two days.
        let before = local - offset(at: local - 86_400)
        let after = local - offset(at: local + 86_400)
        let shown = [before, after].filter { localSecond(at: $0) == local }
        return shown.min() ?? jump(between: min(before, after) - 86_400, and: max(before, after) + 86_400)
    }

    /// The first second of the new offset; there is exactly one change in the range.
    private func jump(between start: Int64, and end: Int64) -> Int64 {
        var low = start
        var high = end
        let old = offset(at: low)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return high
    }
}
