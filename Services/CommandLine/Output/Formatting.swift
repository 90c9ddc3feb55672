import CoreTypes
import Foundation

extension Instant {
    /// Local time of this machine with its zone, as `2026-03-02 07:00:00 CET`.
    var local: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss zzz"
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }
}

extension Optional where Wrapped == Instant {
    var local: String { self?.local ?? "–" }
}

extension Duration {
    /// `0.4 s`, `12 s`, `3 min 20 s`.
    var short: String {
        let milliseconds = wholeMilliseconds
        if milliseconds < 10_000 { return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
        let seconds = milliseconds / 1000
        return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }
}

extension Optional where Wrapped: CustomStringConvertible {
    var orDash: String { self.map { "\($0)" } ?? "–" }
}
