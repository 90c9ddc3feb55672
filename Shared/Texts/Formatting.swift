public import CoreTypes
import Foundation

/// A time zone by its name, with its daylight-saving rules: `Europe/Copenhagen`.
public struct LocalZone: Sendable, Equatable {
    public let name: String
    private let zone: TimeZone

    public static let utc = LocalZone(name: "UTC", zone: .gmt)

    /// - Returns: nil for a name the machine does not know.
    public init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.init(name: name, zone: zone)
    }

    private init(name: String, zone: TimeZone) {
        self.name = name
        self.zone = zone
    }

    /// How far local time is ahead of UTC then.
    public func secondsAhead(at instant: Instant) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)))
    }
}

extension Texts {
    /// `1.234.567` in Danish, `1,234,567` in English.
    public static func number(_ value: Int, _ language: Language) -> String {
        let digits = Array(String(value.magnitude).utf8)
        var text: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) {
                text.append(UInt8(ascii: language == .danish ? "." : ","))
            }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whole with thousands separators, decimals after a comma in Danish and a point in English: `1.234,50`.
    public static func decimal(_ value: ExactDecimal, _ language: Language) -> String {
        let parts = value.description.split(separator: ".", maxSplits: 1)
        guard let whole = Int(parts[0]) else { return value.description }
        let isNegativeBelowOne = whole == 0 && parts[0].hasPrefix("-")
        let shown = (isNegativeBelowOne ? "-" : "") + number(whole, language)
        return parts.count == 1 ? shown : shown + (language == .danish ? "," : ".") + parts[1]
    }

    /// `2. marts 2026 kl. 07.00 (UTC+1)` and `2 March 2026 at 07:00 (UTC+1)`.
    public static func time(_ instant: Instant, _ language: Language, in zone: LocalZone) -> String {
        let ahead = zone.secondsAhead(at: instant)
        let seconds = floorDivision(instant.milliseconds, by: 1000) + ahead
        let days = floorDivision(seconds, by: 86_400)
        let day = CalendarDay(daysSince1970: Int(days))
        let minutes = (seconds - days * 86_400) / 60
        let clock = { (separator: String) in "\(twoDigits(minutes / 60))\(separator)\(twoDigits(minutes % 60))" }
        return switch language {
        case .danish:
            "\(day.day). \(months(.danish)[day.month - 1]) \(day.year) kl. \(clock(".")) (\(offsetName(ahead)))"
        case .english:
            "\(day.day) \(months(.english)[day.month - 1]) \(day.year) at \(clock(":")) (\(offsetName(ahead)))"
        }
    }

    /// `2 min 5 s`; below a minute with one decimal: `0,8 s`. Rounded down.
    public static func duration(_ duration: Duration, _ language: Language) -> String {
        let milliseconds = max(0, duration.wholeMilliseconds)
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds)\(language == .danish ? "," : ".")\(milliseconds % 1000 / 100) s" }
        let hour = language == .danish ? "t" : "h"
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) \(hour) \(seconds / 60 % 60) min"
    }

    private static func months(_ language: Language) -> [String] {
        switch language {
        case .danish:
            [
                "januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober",
                "november", "december",
            ]
        case .english:
            [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December",
            ]
        }
    }

    private static func offsetName(_ seconds: Int64) -> String {
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        let sign = seconds < 0 ? "-" : "+"
        return "UTC\(sign)\(minutes / 60)" + (minutes % 60 == 0 ? "" : ":\(twoDigits(minutes % 60))")
    }
}

private func floorDivision(_ value: Int64, by divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

private func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
