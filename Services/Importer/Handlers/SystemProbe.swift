import Connectors
import CoreTypes
import ImporterAPI
import RPC
import SchedulerAPI
import Staging

/// Tries a system step by step with its real credentials, as a run's pre-flight does.
struct SystemProbe: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    /// - Throws: ``ServiceError`` when the scheduler does not know the system or cannot be reached. What is wrong with
    ///   the system itself is a step of the answer.
    func probe(_ system: SystemID, traceparent: Traceparent?) async throws -> ProbeSystem.Response {
        let access = try await context.scheduler.call(
            FetchSystem(systemID: system), within: .seconds(10), traceparent: traceparent
        ).system
        do {
            let result = try await probe(access)
            return ProbeSystem.Response(steps: result.steps.map { told($0, of: access) }, version: result.version)
        } catch let fault as SystemFault {
            return ProbeSystem.Response(
                steps: [ProbeStep("settings", durationMs: 0, fault)])
        }
    }

    /// In the words a run would have for it: what is wrong with a shop is not for an ERP's people to mend.
    private func told(_ step: ProbeStep, of access: SystemAccess) -> ProbeStep {
        guard let failure = step.failure, step.reason == nil, !access.kind.isSource else { return step }
        var step = step
        step.reason = RunFacts.reasonOfShop(failure)
        return step
    }

    private func probe(_ access: SystemAccess) async throws -> ProbeResult {
        let making = context.making(limit: context.limits.probeLimit)
        guard access.kind.isSource else {
            return await (try context.target(access, making)).probe(Module.allCases)
        }
        let settings = ConnectionSettings()
        let source = try context.source(access, settings.reading, making)
        let mapping = try CompiledMapping(settings.mapping, layout: source.layout, modules: Module.allCases)
        let result = await source.probe(fields: mapping.sourceFields)
        await source.logOut()
        return result
    }
}
