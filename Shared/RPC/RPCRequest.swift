public import CoreTypes

/// One request of one service, declared once: server, client, command line, `rpc.discover` and the contract files
/// are all made from this.
public protocol RPCRequest: Codable, Sendable, Equatable {
    associatedtype Response: Codable & Sendable & Equatable

    /// `service.verbNoun`, as `scheduler.startRun`.
    static var method: MethodName { get }
    /// Whether a caller may repeat it.
    static var effect: Effect { get }
    /// The codes it fails with, beside those any call may fail with (`Router.commonFailures`).
    static var failures: [StatusCode] { get }
    /// One plain sentence for the method reference.
    static var summary: String { get }
    /// Who may call it; everybody else is refused before the parameters are decoded.
    static var callers: Callers { get }
    /// A request and its answer, as documentation shows them; tests check both against the schemas.
    static var example: (request: Self, response: Response) { get }
}

/// A request answered by a stream of items, then by its response.
public protocol RPCStreamRequest: RPCRequest {
    associatedtype Item: Codable & Sendable & Equatable
    static var exampleItem: Item { get }
    /// Whether it goes on for as long as something else does, and can be asked for again from where it broke off. Such a
    /// stream is ended when its connection drains (`unavailable`, `connection_drains`), so that no restart waits for it.
    static var isWatch: Bool { get }
}

extension RPCStreamRequest {
    public static var isWatch: Bool { false }
}

/// The name of a method: a service, a dot and a verb phrase, lowerCamelCase.
public struct MethodName: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.rawValue = value }
    public var description: String { rawValue }
}

/// What a repeated call does.
public enum Effect: String, Codable, Sendable {
    /// Changes nothing.
    case read
    /// Sent twice, it does what it does once.
    case idempotent
    /// May be repeated only with an idempotency key in `meta`.
    case once
}

/// The identities that may call a method. Services by name, people as operators.
public struct Callers: Sendable, Equatable {
    public var services: Set<String>
    public var operators: Bool
    /// Every service whose certificate was accepted, whatever its name.
    public var everyService = false

    public static let operators = Callers(services: [], operators: true)
    /// Everybody whose certificate was accepted.
    public static let everybody = Callers(services: [], operators: true, everyService: true)
    public static func services(_ names: String...) -> Callers { Callers(services: Set(names), operators: false) }
    public static func operatorsAndServices(_ names: String...) -> Callers {
        Callers(services: Set(names), operators: true)
    }

    public func permits(_ peer: PeerIdentity) -> Bool {
        switch peer {
        case .service(let name, _): everyService || services.contains(name)
        case .operator: operators
        }
    }
}

/// Who is at the other end of a connection, from the one URI SAN of its certificate.
public enum PeerIdentity: Sendable, Hashable {
    /// `spiffe://<trust-domain>/svc/<name>/<instance>`
    case service(name: String, instance: String)
    /// `spiffe://<trust-domain>/operator/<name>`
    case `operator`(name: String)

    /// As the audit names it: `importer/1` or `operator anna`.
    public var label: String {
        switch self {
        case .service(let name, let instance): "\(name)/\(instance)"
        case .operator(let name): "operator \(name)"
        }
    }

    /// Who answers for a call, whichever instance sent it: `importer` or `operator anna`.
    public var principal: String {
        switch self {
        case .service(let name, _): name
        case .operator(let name): "operator \(name)"
        }
    }
}

/// All requests of one service.
public protocol RPCInterface: Sendable {
    /// The service's name in identities, settings and method names.
    static var name: String { get }
    static var requests: [any RPCRequest.Type] { get }
}
