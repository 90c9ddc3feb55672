import CoreTypes
import RPC
import SchedulerAPI
import TestInstallation

/// What people decide about a shop without staging: back to the set before, and switched off in the middle.
extension DirectDrill {
    func startRollBack() async throws {
        let answer = try await world.calls(RollBack(connectionID: merchant.connectionID, reason: "test"))
        noteRollBack(answer.runID, to: answer.toRunID)
    }

    /// What was acknowledged comes true: the shop has the set that was wanted, row for row, and once it is not frozen any
    /// more, the next generation is published as ever.
    func settleRollBack() async throws {
        let last = try await world.idle(merchant)
        guard let wanted, last.task?.kind == .rollback, last.outcome?.isSuccess == true else {
            throw failure(last, "the rollback")
        }
        guard try await whole() == wanted else {
            throw Installation.Failure(text: "the shop has not the set that was gone back to")
        }
        _ = try await world.calls(
            SetFreeze(connectionID: merchant.connectionID, frozen: false, reason: "test"))
        try await publishNext()
    }

    func setSwitch(on isOn: Bool) async throws {
        _ = try await world.calls(
            SetSwitch(
                merchantID: merchant.id, level: .connection, connectionID: merchant.connectionID, on: isOn,
                reason: "test"))
    }

    /// The shop is made whole while the connection is off, by runs that are there for nothing else.
    func settleLeftover() async throws {
        guard let lost = started.last else { return }
        // A run that was lost may have done it all before; then no other comes.
        _ = try await eventually("the end of what was half published") { () -> Bool? in
            let runs = try await self.world.calls(ListRuns(connectionID: self.merchant.connectionID, limit: 5)).runs
            let finishing = runs.filter { $0.task?.kind == .finish && $0.task?.runID == lost }
            guard !finishing.isEmpty, !runs.contains(where: \.state.isActive) else { return nil }
            return try await self.isGeneration() ? true : nil
        }
        try await expectGeneration()
        let runs = try await world.calls(ListRuns(connectionID: merchant.connectionID, limit: 10)).runs
        let since = runs.prefix { $0.runID != lost }
        guard since.allSatisfy({ $0.task?.kind == .finish || $0.state == .skipped }) else {
            throw Installation.Failure(text: "an import was started although its connection is switched off")
        }
        try await setSwitch(on: true)
        try await publishNext()
    }

    private func failure(_ run: RunSummary, _ what: String) -> Installation.Failure {
        Installation.Failure(
            text: "\(what) \(run.runID) ended as \(run.outcome?.rawValue ?? "nothing"), \(run.reason ?? "")")
    }
}
