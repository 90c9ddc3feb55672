public import RPC

/// What the monitor serves.
public enum MonitorAPI: RPCInterface {
    public static let name = "monitor"
    public static let requests: [any RPCRequest.Type] = [
        JudgeImport.self, SetMonitoring.self, DescribePolicy.self, ListVerdicts.self, DescribeEvidence.self,
        DescribeHealth.self, FetchVerifyingKey.self, DeliverEvents<MonitorAPI>.self,
    ]
}
