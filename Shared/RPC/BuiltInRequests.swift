public import CoreTypes
public import JSON

/// The requests that every service answers for everybody with an accepted certificate.
public enum BuiltInRequests {
    public static let all: [any RPCRequest.Type] = [
        Ping.self, ClientHello.self, CheckHealth.self, WatchHealth.self, FetchStatistics.self, DiscoverMethods.self,
    ]
}

/// Asks for nothing but an answer, to see that the link lives.
public struct Ping: RPCRequest {
    public static let method: MethodName = "rpc.ping"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Answers at once, to show that the connection lives."
    public static let callers = Callers.everybody

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public init() {}
    }

    public static var example: (request: Self, response: Response) { (Self(), Response()) }
}

/// The client says what it is able to do; the answer is what both are.
public struct ClientHello: RPCRequest {
    public static let method: MethodName = "rpc.hello"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.failedPrecondition]
    public static let summary = "Agrees on the protocol's version and features; optional."
    public static let callers = Callers.everybody

    /// The newest version of the protocol that the client speaks.
    public var version: Int
    public var features: [String]

    public init(version: Int = ServerHello.version, features: [String] = ServerHello.features) {
        self.version = version
        self.features = features
    }

    public struct Response: Codable, Sendable, Equatable {
        /// What is spoken from now on.
        public var version: Int
        public var features: [String]

        public init(version: Int, features: [String]) {
            self.version = version
            self.features = features
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(version: 1, features: ["stream"]), Response(version: 1, features: ["stream"]))
    }

    /// - Throws: `failedPrecondition` for a client older than everything this build speaks.
    func agreement() throws(ServiceError) -> Response {
        guard version >= ServerHello.version else {
            throw ServiceError(
                .failedPrecondition, reason: "protocol_version_not_spoken",
                arguments: ["version": "\(version)", "versionMin": "\(ServerHello.version)"])
        }
        return Response(version: ServerHello.version, features: ServerHello.features.filter(features.contains))
    }
}

/// Asks whether the service lives, and whether it can take work.
public struct CheckHealth: RPCRequest {
    public static let method: MethodName = "rpc.health"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Says whether the service lives, is ready for work and can use its database."
    public static let callers = Callers.everybody

    public init() {}

    public typealias Response = HealthReport

    public static var example: (request: Self, response: Response) { (Self(), HealthReport(isDatabaseUsable: true)) }
}

/// Asks for the figures of every method.
public struct FetchStatistics: RPCRequest {
    public static let method: MethodName = "rpc.stats"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Returns calls, errors and durations of each method since the service started."
    public static let callers = Callers.everybody

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public var methods: [MethodReport]
        public init(methods: [MethodReport]) { self.methods = methods }
    }

    public static var example: (request: Self, response: Response) {
        let report = MethodReport(
            method: "scheduler.claimRun", calls: 120, errors: 1, p50Microseconds: 320, p99Microseconds: 2048,
            lastError: "deadline_exceeded")
        return (Self(), Response(methods: [report]))
    }
}

/// Asks for the description of every method.
public struct DiscoverMethods: RPCRequest {
    public static let method: MethodName = "rpc.discover"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Returns an OpenRPC document of every method the service has."
    public static let callers = Callers.everybody

    public init() {}

    /// An OpenRPC document.
    public typealias Response = JSONValue

    public static var example: (request: Self, response: Response) {
        (Self(), ["openrpc": "1.3.2", "info": ["title": "scheduler", "version": "1"], "methods": []])
    }
}

extension Router {
    /// The handler of one of the protocol's own requests, made when it is asked for.
    func builtInRoute(_ name: UnsafeBufferPointer<UInt8>, _ drain: DrainSignal) -> (any Route)? {
        guard name.starts(with: "rpc.".utf8) else { return nil }
        switch String(decoding: name, as: UTF8.self) {
        case Ping.method.rawValue: return UnaryRoute<Ping>(place: .connection) { _, _ in Ping.Response() }
        case ClientHello.method.rawValue:
            return UnaryRoute<ClientHello>(place: .connection) { hello, _ in try hello.agreement() }
        case CheckHealth.method.rawValue:
            return UnaryRoute<CheckHealth>(place: .connection) { _, _ in await healthReport(drain) }
        case WatchHealth.method.rawValue:
            return StreamRoute<WatchHealth>(place: .connection) { _, _, writer in try await watchHealth(drain, writer) }
        case FetchStatistics.method.rawValue:
            return UnaryRoute<FetchStatistics>(place: .connection) { [routes] _, _ in
                FetchStatistics.Response(methods: routes.map { $0.statistics.report(for: $0.method) })
            }
        case DiscoverMethods.method.rawValue:
            return UnaryRoute<DiscoverMethods>(place: .globalPool) { [service, routes] _, _ in
                try OpenRPC.document(service: service, requests: routes.map(\.declaration) + BuiltInRequests.all)
            }
        default: return nil
        }
    }
}
