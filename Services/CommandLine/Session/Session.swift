import ArgumentParser
import BillingAPI
import CoreTypes
import Foundation
import ImporterAPI
import JSON
import MonitorAPI
import NotifierAPI
import RPC
import SandboxAPI
import SchedulerAPI
import ServiceRuntime
import Texts

/// One invocation of the command line: its options, its connections, its output.
final class Session: Sendable {
    let options: CommonOptions
    let output: Output
    let texts: TextLookup
    let clients: ServiceClients
    private let traceparent = Traceparent(.live)

    init(options: CommonOptions) {
        self.options = options
        output = Output(isJSON: options.json)
        texts = TextLookup(language: options.chosenLanguage)
        clients = ServiceClients(environment: ProcessInfo.processInfo.environment)
    }

    /// Sends a request to the service that serves it.
    func call<Request: RPCRequest>(_ request: Request) async throws -> Request.Response {
        try await clients.caller(for: Request.method).call(request, options: callOptions(for: Request.effect))
    }

    func stream<Request: RPCStreamRequest>(
        _ request: Request, onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws -> Request.Response {
        var options = callOptions(for: Request.effect)
        options.timeout = .seconds(3600)
        return try await clients.caller(for: Request.method).stream(request, options: options, onItem: onItem)
    }

    /// A call made twice by a retry in the transport must not do its work twice, hence the key.
    func callOptions(for effect: Effect) -> CallOptions {
        CallOptions(
            timeout: .seconds(options.timeout),
            idempotencyKey: effect == .once
                ? "cli-\(RequestID(bytes: (Randomness.live.next(), Randomness.live.next())))" : nil,
            traceparent: traceparent, language: options.chosenLanguage)
    }

    func close() async { await clients.close() }

    /// Tells what went wrong and gives the exit code.
    func report(_ error: any Error) -> any Error {
        if error is ExitCode || error is CleanExit || error is ValidationError { return error }
        guard let known = error as? any ServiceErrorConvertible else {
            Output.complain("sluice: \(error)")
            return ExitCode.ourFault
        }
        let serviceError = known.serviceError
        if options.json {
            Output.complain((try? JSON.encodeText(["error": ErrorAnswer(serviceError, texts)])) ?? "{}")
        } else {
            for line in texts.lines(for: serviceError) { Output.complain(line) }
        }
        return ExitCode.status(serviceError.status)
    }
}

/// An error as programs read it.
private struct ErrorAnswer: Encodable {
    var status: StatusCode
    var reason: String
    var message: String
    var remedy: String
    var retryable: Bool
    var arguments: [String: String]
    var references: [String: String]

    init(_ error: ServiceError, _ texts: TextLookup) {
        status = error.status
        reason = error.reason
        message = texts.message(error)
        remedy = texts.remedy(error)
        retryable = error.status.isRetryable
        arguments = error.arguments
        references = error.references
    }
}
