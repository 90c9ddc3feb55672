import Connectors
import CoreTypes
import Logging
import MonitorAPI
import RPC
import SchedulerAPI
import ServiceRuntime
import Staging

/// What was seen, and what the monitor makes of it.
extension RunWork {
    func gather(_ facts: RunFacts) async throws -> RunEvent {
        try await learnShopList(facts.liveBefore)
        let seen = try await unwrap(room).evidence(beside: facts.liveBefore, try await learnRules())
        let source = try unwrap(source)
        return .gathered(
            ImportEvidence(
                run, facts, seen, readFilter: source.readFilter, unmarked: source.unmarkedModules,
                from: facts.earlierRead?.resumedSince ?? startedAt, to: context.now))
    }

    func learnRules() async throws -> FetchRules.Response? {
        guard let asked = rules else { return nil }
        let answer = await withTaskCancellationHandler {
            await asked.value
        } onCancel: {
            asked.cancel()
        }
        try Task.checkCancellation()
        return answer
    }

    /// Where the shop has products that were not published from here, its own list says what may be missing.
    func learnShopList(_ live: [Module: LiveDataset]) async throws {
        let room = try unwrap(room)
        guard try await room.foreign(live).contains(.products), let products = live[.products], products.count > 0
        else { return }
        try await room.beginShopList()
        try await unwrap(target).listProducts { try await room.takeShopList($0) }
        try await room.recordShopList(live, at: context.now)
        context.crash(.shopListRecorded)
    }

    /// - Returns: nil while the monitor is away. Then nobody looks, and the monitor judges accordingly.
    func fetchRules() async -> FetchRules.Response? {
        try? await context.monitor.persistently(
            FetchRules(connectionID: run.connectionID), for: context.limits.serviceLimit, run.traceparent,
            context.environment)
    }

    func judge(_ evidence: ImportEvidence) async throws -> RunEvent {
        let response: JudgeImport.Response
        do {
            response = try await context.monitor.persistently(
                JudgeImport(evidence: evidence, releases: run.task?.runID), for: context.limits.serviceLimit,
                run.traceparent, context.environment)
        } catch {
            if error.status == .cancelled { throw CancellationError() }
            if error.status == .aborted { return .interrupted(.superseded) }
            let words = "\(error.status.name): \(error.reason)"
            // Only a monitor that is away may come back and judge. One that refuses would refuse again.
            guard error.status == .unavailable || error.status == .deadlineExceeded else {
                throw SystemFault(.internal, "the monitor refuses to judge: \(words)", system: "Sluice")
            }
            return .unjudged(detail: words)
        }
        context.crash(.judged)
        do {
            return .judged(try context.verdictCheck.open(response.verdict, for: evidence))
        } catch {
            throw invalid(error)
        }
    }

    /// A verdict that is not one is our own fault or an attack; either way the shop is not touched.
    func invalid(_ fault: VerdictFault) -> SystemFault {
        context.environment.logger.error(
            "A verdict was refused.", metadata: ["run.id": "\(run.runID)", "fault": "\(fault)"])
        return SystemFault(.internal, "the monitor's verdict is not valid: \(fault)", system: "Sluice")
    }
}
