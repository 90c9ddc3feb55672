import Connectors
import CoreTypes
import ImporterAPI
import RPC
import SchedulerAPI
import ServiceRuntime
import ServiceRuntime
import Staging

/// Maps a few real items with settings that need not be saved, for people to look at.
struct TrialMapping: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    /// A page of ten whole items is no longer; a source that sends more is left.
    private static let pageBytesMax = 8 << 20

    /// - Throws: ``ServiceError`` when the scheduler does not know the system or cannot be reached, or the settings cannot
    ///   be used with this kind of source. What is wrong with the system itself is a step of the answer.
    func answer(_ request: TryMapping, traceparent: Traceparent?) async throws -> TryMapping.Response {
        if let keys = request.keys {
            guard (1...TryMapping.itemsMax).contains(keys.count), keys.allSatisfy({ (1...100).contains($0.count) })
            else {
                throw ServiceError(
                    .invalidArgument, reason: "trial_bad_keys", arguments: ["max": "\(TryMapping.itemsMax)"])
            }
        }
        let access = try await context.scheduler.call(
            FetchSystem(systemID: request.systemID), within: .seconds(10), traceparent: traceparent
        ).system
        guard access.kind.isSource else {
            throw ServiceError(.invalidArgument, reason: "trial_not_a_source", arguments: ["system": access.name])
        }
        let watch = Stopwatch(context.environment.clock)
        var steps: [ProbeStep] = []
        do {
            return try await tried(request, access, watch, &steps)
        } catch let fault as SystemFault {
            steps.append(step("try Items", watch, fault))
            return TryMapping.Response(steps: steps)
        }
    }

    private func tried(
        _ request: TryMapping, _ access: SystemAccess, _ watch: Stopwatch, _ steps: inout [ProbeStep]
    ) async throws -> TryMapping.Response {
        var making = context.making(limit: context.limits.probeLimit)
        making.pageBytesMax = min(making.pageBytesMax, Self.pageBytesMax)
        let source = try context.source(access, request.settings.reading, making)
        let trial = try MappingTrial(
            request.settings.mapping, layout: source.layout, modules: request.settings.modules)
        let sample: ItemSample
        do {
            sample = try await source.sample(
                keys: request.keys, count: request.keys?.count ?? TryMapping.itemsMax)
        } catch {
            await source.logOut()
            throw error
        }
        await source.logOut()
        let findings = try found(trial, sample, source)
        steps.append(
            ProbeStep(
                name: "read Items", durationMs: watch.elapsed.wholeMilliseconds, failure: nil,
                detail: "\(findings.items.count) items"))
        return TrialAnswer(findings, sample, request).response(steps)
    }

    private func found(
        _ trial: MappingTrial, _ sample: ItemSample, _ source: any SourceConnector
    ) throws -> TrialFindings {
        do {
            return try trial.run(on: sample.page, source.pages, limit: TryMapping.itemsMax)
        } catch StagingError.page(let failure) {
            throw SystemFault(.answer, "the items cannot be read: \(failure)", system: source.system)
        }
    }

    private func step(_ name: String, _ watch: Stopwatch, _ fault: SystemFault) -> ProbeStep {
        ProbeStep(name, durationMs: watch.elapsed.wholeMilliseconds, fault)
    }
}
