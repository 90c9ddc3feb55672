public import RPC

/// What the notifier serves.
public enum NotifierAPI: RPCInterface {
    public static let name = "notifier"
    public static let requests: [any RPCRequest.Type] = [
        ListRecipients.self, SetRecipients.self, AddRecipient.self, RemoveRecipient.self, SendTest.self,
        ListIncidents.self, DescribeIncident.self, ListMessages.self, DescribeMessage.self, ResendMessage.self,
        DeliverEvents<NotifierAPI>.self,
    ]
}
