public import RPC

/// What the scheduler serves.
public enum SchedulerAPI: RPCInterface {
    public static let name = "scheduler"
    public static let requests: [any RPCRequest.Type] = [
        CreateMerchant.self, ListMerchants.self, DescribeMerchant.self,
        CreateSystem.self, UpdateSystem.self, ListSystems.self, FetchSystem.self,
        CreateConnection.self, UpdateConnection.self, DescribeConnection.self, ListConnections.self,
        ListSettings.self, ReleaseConnection.self, ListJobs.self, SetSwitch.self, ListChanges.self,
        SetFreeze.self, RollBack.self, ListPublishedSets.self, ReleaseRun.self, RefuseRun.self, CheckHeldRuns.self,
        StartRun.self, CancelRun.self, ListRuns.self, DescribeRun.self, WatchRun.self,
        ClaimRun.self, RenewLease.self, FinishRun.self, ResumePush.self,
    ]
}
