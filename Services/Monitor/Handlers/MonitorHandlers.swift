import CoreTypes
import Keys
import MonitorAPI
import RPC
import ServiceRuntime

/// What the monitor answers; one file per subject.
struct MonitorHandlers: Sendable {
    let database: MonitorDatabase
    let signer: VerdictSigner
    let receiptKey: SigningKey
    let environment: ServiceEnvironment

    /// Adds every request of ``MonitorAPI`` to a router.
    func register(on router: inout Router) {
        router.register(JudgeImport.self, judgeImport)
        router.register(FetchVerifyingKey.self, fetchVerifyingKey)
        router.register(FetchRules.self, fetchRules)
        router.register(SetMonitoring.self, setMonitoring)
        router.register(SetPolicy.self, setPolicy)
        router.register(DescribePolicy.self, describePolicy)
        router.register(ApproveImport.self, approveImport)
        router.register(ListShadowStops.self, listShadowStops)
        router.register(ListVerdicts.self, listVerdicts)
        router.register(DescribeEvidence.self, describeEvidence)
        router.register(FetchReceipt.self, fetchReceipt)
        router.register(ListReceipts.self, listReceipts)
        router.register(DescribeHealth.self, describeHealth)
        router.register(DeliverEvents<MonitorAPI>.self, deliverEvents)
    }

    var now: Instant { environment.wallClock.now() }

    /// - Throws: `invalidArgument` (`limit_out_of_range`) outside 1 to 200.
    static func limit(_ limit: Int?, otherwise usual: Int) throws -> Int {
        guard (1...200).contains(limit ?? usual) else {
            throw ServiceError(.invalidArgument, reason: "limit_out_of_range", arguments: ["from": "1", "to": "200"])
        }
        return limit ?? usual
    }
}
