/// What several rounds say together.
public struct Rounds: Sendable, Codable {
    public let values: [Double]

    /// - Parameter values: One of each round, at least one.
    public init(_ values: [Double]) {
        precondition(!values.isEmpty, "a figure needs a round")
        self.values = values
    }

    public var median: Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The lowest and the highest: what the median hides.
    public var spread: String {
        values.count < 2 ? "" : "\(readable(values.min() ?? 0))-\(readable(values.max() ?? 0))"
    }
}
