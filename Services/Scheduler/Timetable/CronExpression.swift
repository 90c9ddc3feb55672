/// A cron expression: `minute hour day-of-month month day-of-week`.
///
/// Each field is `*`, a number, a range `a-b`, a step `*/n` or `a-b/n`, or a list of these. Months and weekdays may be
/// named by three English letters; Sunday is 0 and 7. When both day fields are restricted, a day that fits either
/// counts, as in cron.
struct CronExpression: Sendable, Equatable {
    let minutes: Set<Int>
    let hours: Set<Int>
    let daysOfMonth: Set<Int>
    let months: Set<Int>
    /// 0 is Sunday.
    let daysOfWeek: Set<Int>
    /// The hour field begins with `*`: the job means "every so often", not "at this time of the day".
    let runsAroundTheClock: Bool
    private let anyDayOfMonth: Bool
    private let anyDayOfWeek: Bool

    /// - Returns: nil when the text is no cron expression of five fields.
    init?(_ text: String) {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.lowercased() }
        guard text.utf8.count <= 100, fields.count == 5,
            let minutes = Self.field(fields[0], in: 0...59), let hours = Self.field(fields[1], in: 0...23),
            let daysOfMonth = Self.field(fields[2], in: 1...31),
            let months = Self.field(fields[3], in: 1...12, names: Self.monthNames),
            let daysOfWeek = Self.field(fields[4], in: 0...7, names: Self.dayNames)
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = Set(daysOfWeek.map { $0 % 7 })
        runsAroundTheClock = fields[1].hasPrefix("*")
        anyDayOfMonth = fields[2].hasPrefix("*")
        anyDayOfWeek = fields[4].hasPrefix("*")
        guard everComes else { return nil }
    }

    func includes(dayOfMonth: Int, month: Int, dayOfWeek: Int) -> Bool {
        guard months.contains(month) else { return false }
        let fitsMonthDay = daysOfMonth.contains(dayOfMonth)
        let fitsWeekday = daysOfWeek.contains(dayOfWeek)
        return anyDayOfMonth || anyDayOfWeek ? fitsMonthDay && fitsWeekday : fitsMonthDay || fitsWeekday
    }

    /// False for a day that no year has, as 31 February.
    private var everComes: Bool {
        guard anyDayOfWeek || anyDayOfMonth else { return true }
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return months.contains { month in daysOfMonth.contains { $0 <= longest[month - 1] } }
    }

    private static let monthNames = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
        "nov": 11, "dec": 12,
    ]
    private static let dayNames = ["sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6]

    private static func field(_ text: String, in range: ClosedRange<Int>, names: [String: Int] = [:]) -> Set<Int>? {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let some = element(part, in: range, names: names) else { return nil }
            values.formUnion(some)
        }
        return values
    }

    /// One element of a list: `*`, `5`, `1-5`, each perhaps with `/step`.
    private static func element(_ text: Substring, in range: ClosedRange<Int>, names: [String: Int]) -> Set<Int>? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if parts.count == 2 {
            guard let number = number(parts[1]), (1...range.upperBound + 1).contains(number) else { return nil }
            step = number
        }
        let values: ClosedRange<Int>
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        if parts[0] == "*" {
            values = range
        } else if bounds.count == 2, let low = names[String(bounds[0])] ?? number(bounds[0]),
            let high = names[String(bounds[1])] ?? number(bounds[1]), low <= high
        {
            values = low...high
        } else if bounds.count == 1, let single = names[String(bounds[0])] ?? number(bounds[0]) {
            values = parts.count == 2 ? single...max(single, range.upperBound) : single...single
        } else {
            return nil
        }
        guard range.contains(values.lowerBound), range.contains(values.upperBound) else { return nil }
        return Set(stride(from: values.lowerBound, through: values.upperBound, by: step))
    }

    /// Plain digits only: `Int` would also take a sign.
    private static func number(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
