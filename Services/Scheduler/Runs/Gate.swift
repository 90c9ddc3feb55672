import CoreTypes
import SchedulerAPI

/// The one place that says whether a connection may start: schedule, hand and retry all ask here.
struct Gate: Sendable, Equatable {
    /// nil where nobody has touched the switch; then it is on.
    var integration: SwitchRecord?
    var modules: [Module: SwitchRecord] = [:]
    var connection: SwitchRecord?
    /// Set while the connection is parked.
    var parked: FailedTriesRecord?

    enum Decision: Sendable, Equatable {
        /// With the modules that may run, in the order asked for.
        case open([Module])
        /// The highest switch that is off; for modules, the one switched off last.
        case closed(SwitchRecord)
        /// Every switch is on, but the connection failed too often and waits for a person.
        case parked(FailedTriesRecord)
    }

    func decide(on asked: [Module]) -> Decision {
        if let integration, !integration.isOn { return .closed(integration) }
        let open = asked.filter { modules[$0]?.isOn ?? true }
        if open.isEmpty, let last = modulesOff(of: asked).max(by: { $0.changedAt < $1.changedAt }) {
            return .closed(last)
        }
        if let connection, !connection.isOn { return .closed(connection) }
        if let parked { return .parked(parked) }
        return .open(open)
    }

    func modulesOff(of asked: [Module]) -> [SwitchRecord] {
        asked.compactMap { modules[$0] }.filter { !$0.isOn }
    }
}
