import CoreTypes
import MonitorAPI
import RPC
import SandboxAPI
import SchedulerAPI
import TestInstallation

/// Imports that wait for a person, and what people decide about publishing.
extension CrashLane {
    func hideCount() async throws { try await world.systems.order(Fault(.noCount), at: merchant.erp) }

    /// An import that waits for a person.
    func holdImport() async throws {
        try await hideCount()
        try await startImport()
        _ = try await world.idle(merchant)
    }
    /// What that person says.
    func approveHeld() async throws {
        let run = try await held()
        let verdict = try await world.calls(DescribeEvidence(runID: run)).verdict
        _ = try await world.calls(ApproveImport(runID: run, holds: verdict.holds ?? [], reason: "test"))
    }

    private func held() async throws -> RunID {
        let runs = try await world.calls(ListRuns(connectionID: merchant.connectionID, limit: 5)).runs
        guard let held = runs.first(where: { $0.outcome == .held }) else {
            throw Installation.Failure(text: "nothing is held: \(runs.map { $0.outcome?.rawValue ?? "-" })")
        }
        return held.runID
    }

    func releaseHeld() async throws {
        drill.noteStarted(try await world.calls(ReleaseRun(runID: try await held(), reason: "test")).runID)
    }

    /// What was acknowledged comes true: the held set is at the shop, though its run may have been lost on the way.
    func settleRelease() async throws {
        let last = try await world.idle(merchant)
        guard last.task?.kind == .release, last.outcome?.isSuccess == true else {
            throw Installation.Failure(
                text: "the release \(last.runID) ended as \(last.outcome?.rawValue ?? "nothing"), \(last.reason ?? "")")
        }
        try await repairSource()
    }

    func refuseHeld() async throws {
        _ = try await world.calls(RefuseRun(runID: try await held(), reason: "test"))
    }

    func settleRefusal() async throws {
        let decision = try await world.run(try await held()).held?.decision
        guard decision == .refused else {
            throw Installation.Failure(text: "the refused run is \(decision?.rawValue ?? "undecided")")
        }
        try await repairSource()
    }

    func toggleFreeze() async throws {
        for frozen in [true, false] {
            _ = try await world.calls(
                SetFreeze(connectionID: bystander.connectionID, frozen: frozen, reason: "test"))
        }
    }
}
