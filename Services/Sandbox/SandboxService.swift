public import Persistence
public import RPC
public import ServiceLifecycle
public import ServiceRuntime
import TLS

/// Simulated outside systems behind real sockets, for demonstrations and tests; never for production.
public struct SandboxService: Sendable {
    /// Answers everything of `SandboxAPI`.
    public let router: Router
    /// The web and mail servers that connectors and the notifier talk to.
    public let listeners: SandboxListeners
    public let sandbox: Sandbox

    /// - Throws: `TLSError` when the certificate and its key do not fit, SQLite's error when stored systems cannot be
    ///   read.
    public init(
        _ configuration: SandboxConfiguration, database: ServiceDatabase, router: Router,
        environment: ServiceEnvironment
    ) async throws {
        let tls = try TLSContext(
            .serverOnly(certificateChainPath: configuration.certificatePath, privateKeyPath: configuration.keyPath))
        sandbox = try await Sandbox(database: database, environment: environment)
        listeners = SandboxListeners(
            sandbox, host: configuration.listenHost, httpPort: configuration.httpsPort,
            smtpPort: configuration.smtpPort, tls: tls, smtp: configuration.smtp)
        var router = router
        SandboxHandlers(sandbox).register(on: &router)
        self.router = router
    }

    public var loops: [any Service] { [listeners] }
}
