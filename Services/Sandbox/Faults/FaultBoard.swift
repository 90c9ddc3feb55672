import CoreTypes
import SandboxAPI
import Synchronization

/// The misbehaviour in force at one place, at most one of each kind.
final class FaultBoard: Sendable {
    private struct State {
        var faults: [FaultKind: ActiveFault] = [:]
        var hasChanged = false
    }

    private let state: Mutex<State>

    init(_ faults: [ActiveFault] = []) {
        let byKind = Dictionary(faults.map { ($0.fault.kind, $0) }, uniquingKeysWith: { $1 })
        state = Mutex(State(faults: byKind))
    }

    /// In the order in which kinds are listed.
    var active: [ActiveFault] {
        state.withLock { state in FaultKind.allCases.compactMap { state.faults[$0] } }
    }

    func order(_ fault: Fault, at now: Instant) {
        state.withLock { state in
            state.faults[fault.kind] = ActiveFault(fault: fault, since: now, occurred: 0)
            state.hasChanged = true
        }
    }

    /// - Returns: What was in force.
    func repair(_ kind: FaultKind?) -> [ActiveFault] {
        state.withLock { state in
            let repaired = FaultKind.allCases.filter { kind == nil || kind == $0 }.compactMap {
                state.faults.removeValue(forKey: $0)
            }
            state.hasChanged = state.hasChanged || !repaired.isEmpty
            return repaired
        }
    }

    /// Whether a fault of this kind is in force; looking counts as no occurrence.
    func peek(_ kind: FaultKind) -> Fault? { state.withLock { $0.faults[kind]?.fault } }

    /// Lets a fault of this kind show, if one is in force and `applies`; one with `times` ends with its last showing.
    func occur(_ kind: FaultKind, if applies: (Fault) -> Bool = { _ in true }) -> Fault? {
        strike(kind, if: applies)?.fault
    }

    /// The same, for a fault that shows differently from one time to the next.
    ///
    /// - Returns: How often it has shown, this time included; nil when none is in force.
    func occurrence(of kind: FaultKind) -> Int? { strike(kind) { _ in true }?.occurred }

    private func strike(_ kind: FaultKind, if applies: (Fault) -> Bool) -> ActiveFault? {
        state.withLock { state in
            guard var active = state.faults[kind], applies(active.fault) else { return nil }
            active.occurred += 1
            let isSpent = active.fault.times.map { active.occurred >= $0 } ?? false
            state.faults[kind] = isSpent ? nil : active
            state.hasChanged = true
            return active
        }
    }

    /// Counts a request against a fault that shows only at every n-th; `times` then means showings.
    func occur(everyNth kind: FaultKind) -> Bool {
        state.withLock { state in
            guard var active = state.faults[kind] else { return false }
            let interval = max(1, active.fault.count ?? 1)
            active.occurred += 1
            let isSpent = active.fault.times.map { active.occurred / interval >= $0 } ?? false
            state.faults[kind] = isSpent ? nil : active
            state.hasChanged = true
            return active.occurred % interval == 0
        }
    }

    /// Whether anything has changed since this was last asked; then it is to be stored.
    func takeChange() -> Bool {
        state.withLock { state in
            defer { state.hasChanged = false }
            return state.hasChanged
        }
    }
}
