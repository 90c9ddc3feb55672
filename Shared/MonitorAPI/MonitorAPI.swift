public import RPC

/// What the monitor serves.
public enum MonitorAPI: RPCInterface {
    public static let name = "monitor"
    public static let requests: [any RPCRequest.Type] = [
        JudgeImport.self, FetchRules.self, SetMonitoring.self, SetPolicy.self, DescribePolicy.self,
        ApproveImport.self, ListShadowStops.self, ListVerdicts.self, DescribeEvidence.self, FetchReceipt.self,
        ListReceipts.self, DescribeHealth.self, FetchVerifyingKey.self, DeliverEvents<MonitorAPI>.self,
    ]
}
