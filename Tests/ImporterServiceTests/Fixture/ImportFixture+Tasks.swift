import CoreTypes
import RPC
import SandboxAPI
import SchedulerAPI

@testable import ImporterService

/// Runs that are no plain imports.
extension ImportFixture {
    /// Changes the prices of some items at the source.
    func edit() async throws { _ = try await sandbox.call(EditItems(system: "sap", count: 3)) }

    /// A run that is told that nothing may be published.
    func run(token: Int64, freeze: Freeze) async throws -> RunReport? {
        var claim = try claim(token: token)
        claim.freeze = freeze
        return try await carryOut(claim)
    }

    /// A run that publishes what the run of another token has staged.
    func release(_ held: Int64, token: Int64) async throws -> RunReport? {
        var claim = try claim(token: token)
        claim.task = RunTask(kind: .release, runID: runID(held))
        return try await carryOut(claim)
    }

    func rollBack(
        to versions: [PublishedVersion], token: Int64, with importer: ImporterService? = nil
    ) async throws -> RunReport? {
        var claim = try claim(token: token)
        claim.task = RunTask(kind: .rollback, runID: runID(1), versions: versions)
        return try await carryOut(claim, with: importer)
    }

    func carryOut(_ claim: ClaimedRun, with importer: ImporterService? = nil) async throws -> RunReport? {
        let service: ImporterService
        if let importer { service = importer } else { service = try await self.importer() }
        let before = scheduler.change { $0.reports.count }
        scheduler.change { $0.due.append(claim) }
        _ = try await service.claims.pass()
        return scheduler.change { $0.reports.count > before ? $0.reports.last?.report : nil }
    }

    /// What the shop calls its datasets now.
    func versions(by token: Int64) async throws -> [PublishedVersion] {
        let datasets = try await shop().datasets
        return Module.allCases.compactMap { module in
            datasets.first { $0.name == module.rawValue }.map {
                PublishedVersion(module: module, version: "\($0.liveVersion)", runID: runID(token))
            }
        }
    }
}
