public import Keys
import MonitorAPI
public import RPC
public import ServiceLifecycle
public import ServiceRuntime

/// Judges whether an import is complete, and remembers what it saw. Without its signature nothing is published.
///
/// The value holds no sockets: the process gives it a router's server, tests call the router.
public struct MonitorService: Sendable {
    /// Answers everything of `MonitorAPI`.
    public let router: Router
    private let database: MonitorDatabase

    /// - Parameter receiptKey: What receipts are signed with; the verdicts' key when left out.
    public init(
        database: MonitorDatabase, signer: VerdictSigner, receiptKey: SigningKey? = nil, router: Router,
        environment: ServiceEnvironment
    ) {
        self.database = database
        var router = router
        MonitorHandlers(
            database: database, signer: signer, receiptKey: receiptKey ?? signer.key, environment: environment
        ).register(on: &router)
        self.router = router
    }

    /// The monitor acts only when asked.
    public var loops: [any Service] { [] }

    /// Whether the database answers: part of the service's health.
}
