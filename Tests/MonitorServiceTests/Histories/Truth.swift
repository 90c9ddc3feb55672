import MonitorAPI
import SchedulerAPI

/// Knows what the source really held at every moment of a run, and judges a published set by that alone.
///
/// It shares nothing with the rules it checks: it never sees counts, tokens or sweeps, only the source itself.
struct Truth {
    /// The keys after each change since the run began.
    private(set) var moments: [Set<Int>] = []
    private(set) var wasEdited = false

    mutating func begin(with keys: Set<Int>) {
        moments = [keys]
        wasEdited = false
    }

    mutating func note(_ keys: Set<Int>) { moments.append(keys) }
    mutating func note(edited key: Int) { wasEdited = true }

    var keysChanged: Bool { moments.count > 1 }
    var isStill: Bool { !keysChanged && !wasEdited }

    /// Whether the source held exactly this at some moment of the run.
    func everHeld(_ keys: Set<Int>) -> Bool { moments.contains(keys) }

    /// Whether the source held this at some moment, but for so many items that it lacks.
    func everHeld(_ keys: Set<Int>, lackingAtMost most: Int) -> Bool {
        moments.contains { keys.isSubset(of: $0) && $0.count - keys.count <= most }
    }

    /// Keys that came and went again, or went and came again: what no number of looks is sure to see.
    var changedBack: Set<Int> {
        guard let first = moments.first, let last = moments.last else { return [] }
        let ever = moments.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let always = moments.reduce(first) { $0.intersection($1) }
        // Came and went: not there in the end, nor in the beginning. Went and came: there in both, but not always.
        return ever.subtracting(first).subtracting(last).union(first.intersection(last).subtracting(always))
    }
}
