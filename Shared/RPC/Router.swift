public import CoreTypes
import JSON

/// Where a handler runs.
public enum HandlerPlace: Sendable {
    /// On the connection's event loop, from where the call arrived: for handlers that wait but never block.
    case connection
    /// On the shared pool: for handlers that block a thread or keep a processor busy.
    case globalPool
}

/// The methods of one service, and who may call them. A plain table: it knows no socket.
///
/// Whoever is not named by a request's `callers` is refused before its parameters are decoded. ``ServerSession`` runs
/// the calls of one connection against it; `rpc.ping`, `rpc.hello`, `rpc.health`, `rpc.watchHealth`, `rpc.stats` and
/// `rpc.discover` are answered for everybody with an accepted certificate.
public struct Router: Sendable {
    /// The service's name, in `rpc.hello` and `rpc.discover`.
    public var service: String
    /// Whether the service can work: asked by `rpc.health` and, again and again, for those who watch by
    /// `rpc.watchHealth`.
    public var health: @Sendable () async -> HealthReport = { HealthReport() }
    /// How long `rpc.watchHealth` waits before it asks `health` again.
    public var healthInterval = Duration.seconds(1)
    /// Keeps the answers of `.once` requests. nil: keys are handed to the handlers, which keep them in the transaction
    /// of the effect itself.
    public var idempotencyStore: (any IdempotencyStore)?
    /// Called with each call that has ended, on whatever thread it ended.
    public var onCallEnded: (@Sendable (CallRecord) -> Void)?

    let randomness: Randomness
    let clock: any Clock<Duration>
    let texts: ErrorTexts
    let log: @Sendable (CallFault) -> Void
    let healthPoll = HealthPoll()
    private(set) var routes: [any Route] = []
    private var table = MethodTable([])

    /// Codes that any call may fail with, beside those its request declares.
    public static let commonFailures: [StatusCode] = [
        .cancelled, .invalidArgument, .deadlineExceeded, .permissionDenied, .resourceExhausted, .unimplemented,
        .internal, .unavailable,
    ]

    /// - Parameters:
    ///   - service: The service's name; empty: taken from the first method registered.
    ///   - clock: What ``healthInterval`` is measured by.
    ///   - log: Gets, once, each error that the caller was only told the request id of.
    public init(
        service: String = "", randomness: Randomness, clock: any Clock<Duration> = ContinuousClock(),
        texts: ErrorTexts = .plain,
        log: @escaping @Sendable (CallFault) -> Void = { _ in }
    ) {
        self.service = service
        self.randomness = randomness
        self.clock = clock
        self.texts = texts
        self.log = log
    }

    /// The names of the methods registered, without the `rpc.` ones.
    public var methods: Set<MethodName> { Set(routes.map(\.method)) }

    public mutating func register<R: RPCRequest>(
        _: R.Type, runsOn place: HandlerPlace = .connection,
        _ handler: @escaping @Sendable (R, CallContext) async throws -> R.Response
    ) {
        add(UnaryRoute(place: place, handler: handler))
    }

    public mutating func register<R: RPCStreamRequest>(
        _: R.Type, runsOn place: HandlerPlace = .connection,
        streaming handler: @escaping @Sendable (R, CallContext, StreamWriter<R.Item>) async throws -> R.Response
    ) {
        add(StreamRoute(place: place, handler: handler))
    }

    private mutating func add(_ route: any Route) {
        let name = route.method.rawValue
        precondition(!name.hasPrefix("rpc."), "\(name): names that begin with rpc. are the protocol's")
        precondition(!methods.contains(route.method), "\(name) is registered twice")
        if service.isEmpty { service = String(name.prefix { $0 != "." }) }
        routes.append(route)
        table = MethodTable(routes)
    }

    /// - Parameter drain: Of the connection that the call came over.
    func route(_ method: UnsafeBufferPointer<UInt8>, _ drain: DrainSignal) -> (any Route)? {
        table.route(method) ?? builtInRoute(method, drain)
    }
}
