import CoreTypes
import Logging
public import Persistence
public import RPC
public import RPCTransport
public import ServiceLifecycle
import TLS
import Texts

/// A process among the others: its certificate, its server, its clients of other services.
///
/// - `tls.trustDomain` (string, required): the trust domain of all identities, as `sluice.local`.
/// - `tls.certificate`, `tls.key`, `tls.authority` (paths, required): PEM files; renewed ones are taken while running.
/// - `tls.revocationList` (path): with one, every certificate is checked against it.
/// - `rpc.listen` (host:port, required): where this process takes calls.
/// - `address.<service>` (host:port, several separated by commas, required): where each other service does.
public struct Network: Sendable {
    private let tls: TLSContextSource
    private let settings: Settings
    private let environment: ServiceEnvironment

    /// - Throws: `SettingError`, or `TLSError` when certificate, key and authority do not fit.
    public init(reading settings: Settings, _ environment: ServiceEnvironment) throws {
        self.settings = settings
        self.environment = environment
        tls = try TLSContextSource(
            .mutual(
                trustDomain: settings.string("tls.trustDomain"),
                certificateChainPath: settings.string("tls.certificate"), privateKeyPath: settings.string("tls.key"),
                certificateAuthorityPath: settings.string("tls.authority"),
                revocationListPath: settings.optionalString("tls.revocationList")))
    }

    /// A client of another service; it connects with its first call.
    public func client<Interface: RPCInterface>(of _: Interface.Type) throws -> RPCClient {
        try client(of: Interface.name)
    }

    public func client(of service: String) throws -> RPCClient {
        client(of: service, at: try settings.addresses("address.\(service)"))
    }

    /// A client for each address of a service: for what every instance has to hear.
    public func clients<Interface: RPCInterface>(ofEach _: Interface.Type) throws -> [RPCClient] {
        try settings.addresses("address.\(Interface.name)").map { client(of: Interface.name, at: [$0]) }
    }

    private func client(of service: String, at addresses: [RPCAddress]) -> RPCClient {
        RPCClient(
            configuration: RPCClientConfiguration(service: service, addresses: addresses), tls: tls,
            logger: environment.logger, randomness: environment.randomness, clock: environment.clock)
    }

    /// Serves `router` until the process is told to stop; then drains, and closes the clients after the last call.
    public func server(_ router: Router, closing clients: [RPCClient] = []) throws -> any Service {
        let address = try settings.address("rpc.listen")
        let server = RPCServer(
            router: router, configuration: RPCServerConfiguration(host: address.host, port: address.port), tls: tls,
            logger: environment.logger, clock: environment.clock, wallClock: environment.wallClock)
        return ServedRouter(
            server: server, clients: clients, readiness: ReadinessLog(router.health, environment))
    }
}

extension Router {
    /// A router whose errors speak the catalogue's words, and whose own faults go to the log.
    public init(of service: String, _ environment: ServiceEnvironment) {
        let logger = environment.logger
        self.init(
            service: service, randomness: environment.randomness,
            texts: ErrorTexts { error, language in
                let entry = Texts.entryOrGeneral(error.reason, language, error.arguments)
                return (message: entry.title, remedy: entry.remedy)
            },
            log: { fault in
                logger.error(
                    "A call failed by our own fault.",
                    metadata: [
                        "request.id": "\(fault.requestID)", "method": "\(fault.method)", "peer": "\(fault.peer.label)",
                        "trace.id": "\(fault.traceparent?.traceID ?? "")", "error": "\(fault.error)",
                    ])
            })
    }

    /// Ready while the database can be read and written.
    ///
    /// - Parameters:
    ///   - fault: What is wrong with the database's disk; nil while all is well.
    ///   - notes: What people should know although the service works, in plain words; it stays ready. When they cannot
    ///     be read, the database is not usable.
    public mutating func reportHealth(
        _ fault: @escaping @Sendable () async -> StorageFault?,
        notes: @escaping @Sendable () async throws -> [String] = { [] }
    ) {
        health = {
            if let fault = await fault() {
                return HealthReport(isReady: false, isDatabaseUsable: false, notes: ["\(fault)"])
            }
            if let notes = try? await notes() {
                return HealthReport(isReady: true, isDatabaseUsable: true, notes: notes)
            }
            return HealthReport(
                isReady: false, isDatabaseUsable: false,
                notes: ["The database cannot be read. Check its disk and the log of this service."])
        }
    }
}

/// A server as a part of the process; last in the list of services, so that it drains first.
private struct ServedRouter: Service {
    let server: RPCServer
    let clients: [RPCClient]
    let readiness: ReadinessLog

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await readiness.run() }
                defer { group.cancelAll() }
                try await server.run()
            }
        } onGracefulShutdown: {
            server.shutDown()
        }
        for client in clients { await client.shutDown() }
    }
}

extension Settings {
    public func address(_ key: String) throws -> RPCAddress {
        guard let address = RPCAddress(try string(key)) else {
            throw SettingError(key: key, problem: "must be host:port, as 127.0.0.1:7401 or [::1]:7401")
        }
        return address
    }

    /// The addresses of a service, separated by commas, in the order they are tried.
    public func addresses(_ key: String) throws -> [RPCAddress] {
        guard let addresses = RPCAddress.list(try string(key)) else {
            throw SettingError(key: key, problem: "must be host:port, or several separated by commas")
        }
        return addresses
    }
}
