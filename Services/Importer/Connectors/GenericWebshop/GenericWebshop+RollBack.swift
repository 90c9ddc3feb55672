import JSON
import Outbound
public import SchedulerAPI

/// Going back to versions the shop still keeps.
extension GenericWebshop {
    public func rollBack(
        to versions: [PublishedVersion], from live: [Module: LiveDataset], for run: PublishingRun,
        unless check: @Sendable () throws -> Void
    ) async throws -> [Module: LiveDataset] {
        let body = try JSON.encode(RollBackBody(versions, live, run))
        var attempt = 1
        while true {
            do { try check() } catch {
                guard attempt == 1 else {
                    throw CommitInDoubt(SystemFault(.superseded, "the run had to stop while it asked").from(system))
                }
                throw error
            }
            do {
                _ = try await callOnce(.post, "/datasets/rollback", body: body)
                return try await shown(versions)
            } catch let fault as SystemFault {
                guard fault.mayHaveArrived || attempt > 1 else { throw fault }
                // Asked again it changes nothing more; but what is live says first whether there is anything to ask.
                if let live = try? await shown(versions) { return live }
                guard let wait = patience.pause(after: fault, attempt: attempt) else { throw CommitInDoubt(fault) }
                try await patience.clock.sleep(for: wait)
                attempt += 1
            }
        }
    }

    /// - Throws: When the shop shows anything else.
    private func shown(_ versions: [PublishedVersion]) async throws -> [Module: LiveDataset] {
        let live = try await live(versions.map(\.module))
        guard versions.allSatisfy({ live[$0.module]?.version == $0.version }) else {
            throw unexpected("a rollback that shows other versions")
        }
        return live
    }

    /// The names are the contract's.
    private struct RollBackBody: Encodable {
        var versions: [String: String]
        /// What the caller believes to be live: anything else is refused (`conflict`).
        var from: [String: String]
        var fencing_token: Int64
        var connection: String

        init(_ versions: [PublishedVersion], _ live: [Module: LiveDataset], _ run: PublishingRun) {
            self.versions = Dictionary(uniqueKeysWithValues: versions.map { ($0.module.rawValue, $0.version) })
            from = Dictionary(
                uniqueKeysWithValues: versions.compactMap { version in
                    live[version.module]?.version.map { (version.module.rawValue, $0) }
                })
            fencing_token = run.fencingToken
            connection = "\(run.connectionID)"
        }
    }
}
