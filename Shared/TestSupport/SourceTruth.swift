/// Knows what a source really held at every moment of a run, and judges a published set by that alone.
///
/// It shares nothing with the rules it checks: it never sees counts, tokens or sweeps, only the source itself.
public struct SourceTruth<Key: Hashable & Sendable>: Sendable {
    /// The keys after each change since the run began.
    public private(set) var moments: [Set<Key>]
    public private(set) var wasEdited = false

    public init(_ moments: [Set<Key>] = []) { self.moments = moments }

    public mutating func begin(with keys: Set<Key>) {
        moments = [keys]
        wasEdited = false
    }

    public mutating func note(_ keys: Set<Key>) { moments.append(keys) }
    public mutating func noteEdit() { wasEdited = true }

    public var keysChanged: Bool { moments.contains { $0 != moments.first } }
    public var isStill: Bool { moments.count <= 1 && !wasEdited }

    /// Whether the source held exactly this at some moment of the run.
    public func everHeld(_ keys: Set<Key>) -> Bool { moments.contains(keys) }

    /// Whether the source held this at some moment, but for so many items that it lacks.
    public func everHeld(_ keys: Set<Key>, lackingAtMost most: Int) -> Bool {
        moments.contains { keys.isSubset(of: $0) && $0.count - keys.count <= most }
    }

    /// Keys that came and went again, or went and came again: what no number of looks is sure to see.
    public var changedBack: Set<Key> {
        guard let first = moments.first, let last = moments.last else { return [] }
        let ever = moments.reduce(into: Set<Key>()) { $0.formUnion($1) }
        let always = moments.reduce(first) { $0.intersection($1) }
        // Came and went: not there in the end, nor in the beginning. Went and came: there in both, but not always.
        return ever.subtracting(first).subtracting(last).union(first.intersection(last).subtracting(always))
    }
}
