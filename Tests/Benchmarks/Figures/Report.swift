import Foundation

/// Everything one kind of measure found.
public struct Report: Sendable {
    /// `rpc`, `import` or `services`: the member of the JSON file.
    public let section: String
    public var figures: [Figure] = []
    /// By measure, candidate and unit: the values of all rounds.
    public var readings: [Reading] = []
    /// What was left out, and why: said loudly at the end.
    public var skipped: [String] = []

    public struct Reading: Sendable, Codable {
        public var measure: String
        public var candidate: String
        public var values: [String: [Double]]

        public init(measure: String, candidate: String, values: [String: [Double]]) {
            self.measure = measure
            self.candidate = candidate
            self.values = values
        }
    }

    public init(section: String) { self.section = section }

    /// Figures below what was promised at the least.
    public var defects: [Figure] { figures.filter { $0.verdict == .belowFloor } }

    /// The table of figures, and what is missing from it.
    public func print() {
        Swift.print("")
        if !figures.isEmpty {
            var table = Table(["figure", "ours", "peer", "peer's", "ratio", "floor", "target", ""])
            table.rows = figures.map(\.cells)
            Swift.print(table.text)
        }
        if !defects.isEmpty { Swift.print("\n  \(defects.count) BELOW FLOOR: defects.") }
        for reason in skipped { Swift.print("\n  SKIPPED: \(reason)") }
    }

    /// Puts this section into a file, beside those of others.
    ///
    /// - Throws: What made reading or writing impossible; a file that is no JSON object is not overwritten.
    public func write(to path: String) throws {
        var sections: [String: Any] = [:]
        if let data = FileManager.default.contents(atPath: path) {
            let object = try JSONSerialization.jsonObject(with: data)
            guard let object = object as? [String: Any] else { throw CocoaError(.fileReadCorruptFile) }
            sections = object
        }
        let encoder = JSONEncoder()
        sections[section] = [
            "machine": Machine.description, "skipped": skipped,
            "figures": try figures.map { try JSONSerialization.jsonObject(with: encoder.encode($0)) },
            "verdicts": figures.map(\.verdict.rawValue),
            "readings": try readings.map { try JSONSerialization.jsonObject(with: encoder.encode($0)) },
        ]
        let data = try JSONSerialization.data(withJSONObject: sections, options: [.prettyPrinted, .sortedKeys])
        try data.write(to: URL(filePath: path), options: .atomic)
    }
}

/// What the figures were measured on.
public enum Machine {
    /// Processor, cores and how busy it was with other things.
    public static var description: String {
        let model = lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let load = lines("/proc/loadavg").first?.split(separator: " ").prefix(2).joined(separator: " ")
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(cores) cores, \(model ?? "unknown processor"), load before \(load ?? "unknown")"
    }

    private static func lines(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    }
}
