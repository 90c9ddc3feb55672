import Figures

/// What was promised of RPC: floors and targets, each with where it is held against.
struct RPCGoal: Sendable {
    var measure: String
    /// The value of a reading, or the sum of several.
    var values: [RPCMeasure.Shown]
    /// With its unit.
    var title: String
    /// nil where the figure stands by itself.
    var peer: RPCCandidate?
    var rule: Figure.Rule
    var floor: Double?
    var target: Double

    static let all: [RPCGoal] = [
        .init("sequential", [.p50], "sequential, p50 us", .grpcSwift, .timesLess, floor: 4, target: 8),
        .init("sequential", [.p50], "sequential, p50 us", .limit, .timesLimit, floor: 2, target: 1.5),
        .init("1x64", [.rate], "1 x 64, calls/s", .grpcSwift, .timesAsMuch, floor: 10, target: 20),
        .init("1x64", [.rate], "1 x 64, calls/s", .grpcCpp, .timesAsMuch, floor: nil, target: 2),
        .init("1x64", [.rate], "1 x 64, calls/s", .limit, .shareOfLimit, floor: 0.04, target: 0.08),
        .init("1x64", [.serverMicroseconds], "1 x 64, server CPU us", nil, .atMost, floor: 5, target: 3),
        .init("16x16", [.rate], "16 x 16, calls/s", .grpcSwift, .timesAsMuch, floor: 10, target: 20),
        .init("16x16", [.rate], "16 x 16, calls/s", .limit, .shareOfLimit, floor: 0.08, target: 0.15),
        .init("16x16", [.serverMicroseconds], "16 x 16, server CPU us", nil, .atMost, floor: 5, target: 3),
        .init("256x1", [.rate], "256 x 1, calls/s", .grpcSwift, .timesAsMuch, floor: 5, target: 8),
        .init("256x1", [.rate], "256 x 1, calls/s", .grpcCpp, .timesAsMuch, floor: nil, target: 1),
        .init("256x1", [.rate], "256 x 1, calls/s", .limit, .shareOfLimit, floor: 0.3, target: 0.45),
        .init("256x1", [.serverMicroseconds], "256 x 1, server CPU us", nil, .atMost, floor: 16, target: 12),
        .init("stream", [.rate], "stream, items/s", nil, .atLeast, floor: 1_000_000, target: 1_000_000),
        .init("stream", [.rate], "stream, items/s", .grpcSwift, .timesAsMuch, floor: 2.3, target: 5),
        // A million items a second at 0.6 core for both ends.
        .init(
            "stream", [.clientMicroseconds, .serverMicroseconds], "stream, CPU us per item, both ends", nil, .atMost,
            floor: nil, target: 0.6),
        .init("set-up", [.rate], "set-up, connections/s", .grpcSwift, .timesAsMuch, floor: 1, target: 1.3),
        .init("idle", [.kilobytes], "memory, KB per connection", nil, .atMost, floor: 63, target: 40),
    ]

    init(
        _ measure: String, _ values: [RPCMeasure.Shown], _ title: String, _ peer: RPCCandidate?, _ rule: Figure.Rule,
        floor: Double?, target: Double
    ) {
        self.measure = measure
        self.values = values
        self.title = title
        self.peer = peer
        self.rule = rule
        self.floor = floor
        self.target = target
    }

    /// - Returns: nil where we or the peer were not measured.
    func figure(_ readings: RPCRounds.Values) -> Figure? {
        guard let ours = rounds(readings, .ours) else { return nil }
        guard let peer else { return Figure(title, ours, rule, floor: floor, target: target) }
        guard let theirs = rounds(readings, peer) else { return nil }
        return Figure(title, ours, against: peer.title, theirs, rule, floor: floor, target: target)
    }

    private func rounds(_ readings: RPCRounds.Values, _ candidate: RPCCandidate) -> Rounds? {
        guard let values = readings[measure]?[candidate.name] else { return nil }
        let columns = self.values.compactMap { values[$0.rawValue] }
        guard let first = columns.first, columns.count == self.values.count else { return nil }
        return Rounds(first.indices.map { round in columns.reduce(0) { $0 + $1[round] } })
    }
}
