import Persistence
import RPC
import SchedulerAPI

/// Everything the scheduler serves, by subject.
struct SchedulerHandlers: Sendable {
    let dispatch: Dispatch

    func register(on router: inout Router) {
        let merchants = MerchantHandlers(dispatch: dispatch)
        router.register(CreateMerchant.self, merchants.create)
        router.register(ListMerchants.self, merchants.list)
        router.register(DescribeMerchant.self, merchants.describe)
        router.register(ListChanges.self, merchants.changes)

        let systems = SystemHandlers(dispatch: dispatch)
        router.register(CreateSystem.self, systems.create)
        router.register(UpdateSystem.self, systems.update)
        router.register(ListSystems.self, systems.list)
        router.register(FetchSystem.self, systems.fetch)

        let connections = ConnectionHandlers(dispatch: dispatch)
        router.register(CreateConnection.self, connections.create)
        router.register(UpdateConnection.self, connections.update)
        router.register(DescribeConnection.self, connections.describe)
        router.register(ListConnections.self, connections.list)
        router.register(ListSettings.self, SettingsHandlers(dispatch: dispatch).list)
        router.register(ReleaseConnection.self, connections.release)
        router.register(ListJobs.self, connections.jobs)
        router.register(SetSwitch.self, SwitchHandlers(dispatch: dispatch).set)

        let runs = RunHandlers(dispatch: dispatch)
        router.register(StartRun.self, runs.start)
        router.register(CancelRun.self, runs.cancel)
        router.register(ListRuns.self, runs.list)
        router.register(DescribeRun.self, runs.describe)
        router.register(WatchRun.self, streaming: runs.watch)

        let publication = PublicationHandlers(dispatch: dispatch)
        router.register(SetFreeze.self, publication.setFreeze)
        router.register(RollBack.self, publication.rollBack)
        router.register(ListPublishedSets.self, publication.publishedSets)
        router.register(ReleaseRun.self, publication.release)
        router.register(RefuseRun.self, publication.refuse)
        router.register(CheckHeldRuns.self, publication.checkHeld)

        let leases = LeaseHandlers(dispatch: dispatch)
        router.register(ClaimRun.self, leases.claim)
        router.register(RenewLease.self, leases.renew)
        router.register(FinishRun.self, leases.finish)
        router.register(ResumePush.self, leases.resumePush)
    }
}
