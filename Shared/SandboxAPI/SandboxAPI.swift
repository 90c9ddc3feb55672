public import RPC

/// What the sandbox serves: simulated outside systems for demonstrations and tests, never for production.
public enum SandboxAPI: RPCInterface {
    public static let name = "sandbox"
    public static let requests: [any RPCRequest.Type] = [
        CreateSystem.self, RemoveSystem.self, ListSystems.self, ListFaultKinds.self, Misbehave.self, Repair.self,
        ListItems.self, EditItems.self, RenameItem.self, DeleteItem.self, AddItem.self, DescribeShop.self,
        ListShopRows.self, ListMail.self, ReadMail.self, ClearMail.self,
    ]

    /// The name under which the mailbox is made to misbehave and repaired; no system can have it.
    public static let mailboxName = "mailbox"
}
