import BillingAPI
public import RPC
public import ServiceLifecycle
public import ServiceRuntime

/// Meters what merchants use, once each, and knows their plans.
///
/// The value holds no sockets: the process gives it a router's server, tests call the router.
public struct BillingService: Sendable {
    /// Answers everything of `BillingAPI`.
    public let router: Router
    private let database: BillingDatabase

    public init(database: BillingDatabase, router: Router, environment: ServiceEnvironment) {
        self.database = database
        var router = router
        BillingHandlers(database: database, environment: environment).register(on: &router)
        self.router = router
    }

    /// Billing acts only when told.
    public var loops: [any Service] { [] }

    /// Whether the database answers: part of the service's health.
}
