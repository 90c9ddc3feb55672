public import RPC

/// What billing serves.
public enum BillingAPI: RPCInterface {
    public static let name = "billing"
    public static let requests: [any RPCRequest.Type] = [
        DescribeUsage.self, ListUsageEvents.self, DescribePlan.self, SetPlan.self, DeliverEvents<BillingAPI>.self,
    ]
}
