/// One of our figures, what it is held against, and what was promised.
public struct Figure: Sendable, Codable {
    /// How a figure is judged.
    public enum Rule: String, Sendable, Codable {
        /// How many times better than the peer, where more is better: ours / peer. Bounds are from below.
        case timesAsMuch
        /// How many times better than the peer, where less is better: peer / ours. Bounds are from below.
        case timesLess
        /// The part of the limit that is reached: ours / peer. Bounds are from below.
        case shareOfLimit
        /// How many times what the limit needs: ours / peer. Bounds are from above.
        case timesLimit
        /// By itself; bounds are from below.
        case atLeast
        /// By itself; bounds are from above.
        case atMost

        var isBoundFromBelow: Bool {
            switch self {
            case .timesAsMuch, .timesLess, .shareOfLimit, .atLeast: true
            case .timesLimit, .atMost: false
            }
        }

        /// How a ratio or a bound is written.
        func text(_ number: Double) -> String {
            switch self {
            case .timesAsMuch, .timesLess: "\(readable(number))x"
            case .shareOfLimit: "\(readable(number * 100)) %"
            case .timesLimit: "\(readable(number))x"
            case .atLeast, .atMost: readable(number)
            }
        }
    }

    public enum Verdict: String, Sendable, Codable {
        case ok
        case belowTarget = "below target"
        /// A defect.
        case belowFloor = "BELOW FLOOR"
    }

    /// With its unit: `1 x 64, calls/s`.
    public var name: String
    public var ours: Double
    public var peer: String?
    public var peerValue: Double?
    /// nil where the figure is judged by itself.
    public var ratio: Double?
    public var rule: Rule
    /// nil where nothing is promised below the target.
    public var floor: Double?
    public var target: Double

    /// - Parameters:
    ///   - ours: One value of each round.
    ///   - values: The peer's of the same rounds, in the same order: ratios are taken round by round.
    public init(
        _ name: String, _ ours: Rounds, against peer: String, _ values: Rounds, _ rule: Rule, floor: Double?,
        target: Double
    ) {
        self.init(name, ours: ours.median, rule: rule, floor: floor, target: target)
        self.peer = peer
        peerValue = values.median
        let pairs = zip(ours.values, values.values)
        ratio = Rounds(pairs.map { rule == .timesLess ? $1 / $0 : $0 / $1 }).median
    }

    /// A figure that stands by itself.
    public init(_ name: String, _ ours: Rounds, _ rule: Rule, floor: Double?, target: Double) {
        self.init(name, ours: ours.median, rule: rule, floor: floor, target: target)
    }

    private init(_ name: String, ours: Double, rule: Rule, floor: Double?, target: Double) {
        self.name = name
        self.ours = ours
        self.rule = rule
        self.floor = floor
        self.target = target
    }

    public var verdict: Verdict {
        let value = ratio ?? ours
        func reaches(_ bound: Double) -> Bool { rule.isBoundFromBelow ? value >= bound : value <= bound }
        if let floor, !reaches(floor) { return .belowFloor }
        return reaches(target) ? .ok : .belowTarget
    }

    var cells: [String] {
        let sign = rule.isBoundFromBelow ? ">=" : "<="
        return [
            name, readable(ours), peer ?? "", peerValue.map(readable) ?? "", ratio.map(rule.text) ?? "",
            floor.map { "\(sign) \(rule.text($0))" } ?? "", "\(sign) \(rule.text(target))", verdict.rawValue,
        ]
    }
}
