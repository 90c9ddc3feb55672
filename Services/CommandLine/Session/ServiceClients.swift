import Configuration
import CoreTypes
import JSON
import Logging
import RPC
import RPCTransport
import ServiceRuntime
import Synchronization

/// Connections to the services, each opened with the first call to it.
final class ServiceClients: Sendable {
    static let names = ["scheduler", "importer", "monitor", "notifier", "billing", "sandbox"]

    private let environment: [String: String]
    private let state = Mutex<(network: Network?, clients: [String: RPCClient])>((nil, [:]))

    init(environment: [String: String]) { self.environment = environment }

    /// The service that serves a method: what stands before the dot.
    static func service(of method: String) -> String { String(method.prefix { $0 != "." }) }

    func caller(for method: MethodName) throws -> any RPCCaller {
        try client(of: Self.service(of: method.rawValue))
    }

    /// For the requests that every service answers.
    func caller(at service: String) throws -> any RPCCaller { try client(of: service) }

    /// Calls any method by name.
    func raw(
        _ method: String, _ parameters: JSONValue?, at service: String, _ options: CallOptions
    ) async throws -> JSONValue {
        try await client(of: service).call(method: method, params: parameters, options: options)
    }

    func close() async {
        let clients = state.withLock { state in
            defer { state.clients = [:] }
            return Array(state.clients.values)
        }
        for client in clients { await client.shutDown() }
    }

    private func client(of service: String) throws -> RPCClient {
        guard Self.names.contains(service) else {
            throw ServiceError(
                .unimplemented, reason: "service_unknown",
                arguments: ["service": service, "services": Self.names.joined(separator: ", ")])
        }
        return try state.withLock { state in
            if let client = state.clients[service] { return client }
            let network = try state.network ?? openNetwork()
            let client = try network.client(of: service)
            state.network = network
            state.clients[service] = client
            return client
        }
    }

    private func openNetwork() throws -> Network {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
        var live = ServiceEnvironment.live(label: "sluice", variables: environment)
        live.logger.logLevel = .error
        return try Network(reading: Settings(reader), live)
    }
}
