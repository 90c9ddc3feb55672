public import CoreTypes

extension Schedule {
    /// The schedule as people say it: "every 15 minutes", "every day at 06:00 (Europe/Copenhagen)".
    ///
    /// A cron expression without such a simple meaning is shown as it stands.
    public func words(in language: Language) -> String {
        switch kind {
        case .manual: language == .danish ? "kun når nogen starter den" : "only when somebody starts it"
        case .interval: Self.words(everySeconds: everySeconds ?? 0, in: language)
        case .cron: cronWords(in: language)
        }
    }

    private static func words(everySeconds seconds: Int, in language: Language) -> String {
        // Danish says "hver 2. time" but "hvert 5. minut": the noun stays singular and its gender counts.
        let units: [(seconds: Int, english: String, danish: String, every: String)] = [
            (86_400, "day", "dag", "hver"), (3_600, "hour", "time", "hver"), (60, "minute", "minut", "hvert"),
            (1, "second", "sekund", "hvert"),
        ]
        let unit = units.first { seconds % $0.seconds == 0 } ?? units[units.count - 1]
        let count = seconds / unit.seconds
        switch language {
        case .english: return count == 1 ? "every \(unit.english)" : "every \(count) \(unit.english)s"
        case .danish: return count == 1 ? "\(unit.every) \(unit.danish)" : "\(unit.every) \(count). \(unit.danish)"
        }
    }

    private func cronWords(in language: Language) -> String {
        let expression = expression ?? ""
        let zone = timeZone.map { " (\($0))" } ?? ""
        let fields = expression.split(separator: " ").map(String.init)
        guard fields.count == 5, let minute = Int(fields[0]), let hour = Int(fields[1]), fields[2] == "*",
            fields[3] == "*", let days = Self.dayWords[fields[4].lowercased()]
        else { return "cron \(expression)\(zone)" }
        let time = Self.twoDigits(hour) + ":" + Self.twoDigits(minute)
        return language == .danish ? "\(days.danish) kl. \(time)\(zone)" : "\(days.english) at \(time)\(zone)"
    }

    private static let dayWords: [String: (english: String, danish: String)] = [
        "*": ("every day", "hver dag"),
        "1-5": ("Monday to Friday", "mandag til fredag"),
        "mon-fri": ("Monday to Friday", "mandag til fredag"),
        "0": ("every Sunday", "hver søndag"),
        "7": ("every Sunday", "hver søndag"),
        "1": ("every Monday", "hver mandag"),
        "2": ("every Tuesday", "hver tirsdag"),
        "3": ("every Wednesday", "hver onsdag"),
        "4": ("every Thursday", "hver torsdag"),
        "5": ("every Friday", "hver fredag"),
        "6": ("every Saturday", "hver lørdag"),
    ]

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
