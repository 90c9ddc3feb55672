public import RPC

/// What the importer serves.
public enum ImporterAPI: RPCInterface {
    public static let name = "importer"
    public static let requests: [any RPCRequest.Type] = [
        Nudge.self, ProbeSystem.self, TryMapping.self, FetchSealingKey.self,
    ]
}
