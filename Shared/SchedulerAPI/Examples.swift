public import CoreTypes
public import RPC

extension Identifier {
    /// The id documentation uses.
    public static var example: Identifier { Identifier(bytes: (0x0197_4e5e_b3c0_7000, 0x8000_0000_0000_0001)) }
}

extension Instant {
    /// 2026-03-02T06:00:00Z, a Monday.
    public static var example: Instant { Instant(seconds: 1_772_431_200) }
}

extension Traceparent {
    public static var example: Traceparent {
        Traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")!
    }
}

extension SystemAccess {
    public static func example(_ kind: SystemKind) -> SystemAccess {
        SystemAccess(
            systemID: .example, merchantID: .example, name: kind.isSource ? "Our SAP" : "Our shop", kind: kind,
            baseURL: kind.isSource ? "https://sap.example.dk:50000" : "https://shop.example.dk",
            options: kind.isSource ? ["companyDatabase": "SBODEMO"] : [:],
            credentials: SealedText(keyID: "importer-1", encapsulatedKey: "AAAA", ciphertext: "AAAA"))
    }
}

extension ClaimedRun {
    public static var example: ClaimedRun {
        ClaimedRun(
            runID: .example, fencingToken: 7, leaseMs: 15_000, merchantID: .example, connectionID: .example,
            connectionLabel: "Our SAP > Our shop", source: .example(.sapBusinessOne), target: .example(.genericWebshop),
            settings: .example, modules: Module.allCases, trigger: .schedule, traceparent: .example)
    }
}
