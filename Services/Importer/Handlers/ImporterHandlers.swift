import CoreTypes
import FoundationEssentials
import ImporterAPI
import Persistence
import Keys
import RPC
import ServiceRuntime

/// What the importer answers.
struct ImporterHandlers: Sendable {
    let context: RunContext
    /// Wakes the claiming loops.
    let wake: Wake

    /// Adds every request of ``ImporterAPI`` to a router.
    func register(on router: inout Router) {
        router.health = { [database = context.database.database] in
            let fault = await database.fault()
            return HealthReport(
                isReady: fault == nil, isDatabaseUsable: fault == nil, notes: fault.map { ["\($0)"] } ?? [])
        }
        router.register(Nudge.self) { _, _ in
            wake.wake()
            return Nudge.Response()
        }
        router.register(FetchSealingKey.self) { _, _ in
            let key = context.sealingKeys.current
            return FetchSealingKey.Response(
                keyID: key.id, publicKey: Data(key.publicKey.rawRepresentation).base64EncodedString())
        }
        router.register(ProbeSystem.self) { request, call in
            try await SystemProbe(context).probe(request.systemID, traceparent: call.traceparent)
        }
        router.register(TryMapping.self) { request, call in
            try await TrialMapping(context).answer(request, traceparent: call.traceparent)
        }
    }
}
