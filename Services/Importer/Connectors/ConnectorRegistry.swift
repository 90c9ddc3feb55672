import CoreTypes
public import Outbound
public import SchedulerAPI

/// The connectors there are, by kind of system. **A new connector is entered here and nowhere else.**
///
/// - SeeAlso: "Add a connector" in DESIGN.md.
public struct ConnectorRegistry: Sendable {
    public typealias MakeSource =
        @Sendable (SystemAccess, Credentials, Reading, ConnectorMaking) throws -> any SourceConnector
    public typealias MakeTarget = @Sendable (SystemAccess, Credentials, ConnectorMaking) throws -> any TargetConnector

    public var sources: [SystemKind: MakeSource]
    public var targets: [SystemKind: MakeTarget]

    public init(sources: [SystemKind: MakeSource], targets: [SystemKind: MakeTarget]) {
        self.sources = sources
        self.targets = targets
    }

    public static let standard = ConnectorRegistry(
        sources: [
            .sapBusinessOne: { access, credentials, reading, making in
                try SAPBusinessOne(access, credentials: credentials, reading: reading, making)
            }
        ],
        targets: [
            .genericWebshop: { access, credentials, making in
                try GenericWebshop(access, credentials: credentials, making)
            },
            .directWebshop: { access, credentials, making in
                try DirectWebshop(access, credentials: credentials, making)
            },
        ])

    /// - Throws: ``SystemFault`` when there is no such source connector, or an option or a credential is missing.
    public func source(
        _ access: SystemAccess, _ credentials: Credentials, _ reading: Reading, _ making: ConnectorMaking
    ) throws -> any SourceConnector {
        guard let make = sources[access.kind] else { throw Self.missing("source", access) }
        return try make(access, credentials, reading, making)
    }

    /// - Throws: ``SystemFault`` when there is no such target connector, or an option or a credential is missing.
    public func target(
        _ access: SystemAccess, _ credentials: Credentials, _ making: ConnectorMaking
    ) throws -> any TargetConnector {
        guard let make = targets[access.kind] else { throw Self.missing("target", access) }
        return try make(access, credentials, making)
    }

    private static func missing(_ role: String, _ access: SystemAccess) -> SystemFault {
        SystemFault(.internal, "there is no \(role) connector for \(access.kind.rawValue)").from(access.name)
    }
}

/// What every connector is made with.
public struct ConnectorMaking: Sendable {
    public var sender: any HTTPSending
    public var patience: Patience
    /// Longest page of items that is read, in bytes after unpacking.
    public var pageBytesMax: Int

    public init(sender: any HTTPSending, patience: Patience, pageBytesMax: Int = 256 << 20) {
        self.sender = sender
        self.patience = patience
        self.pageBytesMax = pageBytesMax
    }

    /// What a system's certificate is checked against: the keys pinned for it, or its own authorities, else the
    /// operator's. ERPs often have self-signed certificates; pinning is the safe way to use them.
    func trust(of access: SystemAccess) -> TLSTrust? {
        if let pins = access.options["pinnedKeys"] {
            return .pinned(publicKeys: pins.split(separator: ",").map(String.init))
        }
        return access.options["caFile"].map { .authorities(file: $0) }
    }
}
