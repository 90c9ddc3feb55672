import CoreTypes
import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TLS

/// Makes connections to a service: the first address that says hello.
struct ClientConnector: Sendable {
    typealias Retire = @Sendable (ClientConnection, _ drained: ContinuousClock.Instant?) -> Void

    let configuration: RPCClientConfiguration
    let tls: TLSContextSource
    let logger: Logger
    let eventLoop: any EventLoop
    let executor: EventLoopExecutor

    /// - Throws: What went wrong at the address that came furthest: one that refuses a certificate says more than one
    ///   where nobody listens.
    func connect(number: UInt64, retire: @escaping Retire) async throws(ServiceError) -> ClientConnection {
        renewCertificates()
        var error: ServiceError?
        for address in configuration.addresses {
            do throws(ServiceError) {
                return try await connect(to: address, number: number, retire)
            } catch let fault {
                if error == nil || error?.reason == "service_unreachable" { error = fault }
            }
        }
        throw error ?? .unreachable(configuration.service, "no addresses")
    }

    private func renewCertificates() {
        switch tls.reloadIfChanged() {
        case .unchanged: break
        case .reloaded: logger.notice("certificates renewed")
        case .kept(let fault):
            logger.error("new certificates are unusable, the old ones stay", metadata: ["reason": "\(fault)"])
        }
    }

    private func connect(
        to address: RPCAddress, number: UInt64, _ retire: @escaping Retire
    ) async throws(ServiceError) -> ClientConnection {
        let settings = ClientHandler.Settings(
            service: configuration.service, tls: tls, number: number, limits: configuration.limits, logger: logger,
            executor: executor, retire: retire)
        let greeted = eventLoop.makePromise(of: ClientConnection.self)
        let context = tls.current
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(Int64(configuration.limits.connectSecondsMax)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(context: context, role: .client(service: settings.service)),
                        ClientHandler(settings, greeted: greeted))
                }
            }
        do {
            if let known = try? SocketAddress(ipAddress: address.host, port: address.port) {
                // Nothing to look up, so no thread to wait for.
                _ = try await bootstrap.connect(to: known).get()
            } else {
                _ = try await bootstrap.connect(host: address.host, port: address.port).get()
            }
        } catch {
            greeted.fail(error)
            throw .unreachable(configuration.service, "\(address): \(plainText(of: error))")
        }
        do {
            return try await greeted.futureResult.get()
        } catch {
            throw (error as? ServiceError) ?? .unreachable(configuration.service, "\(address): \(error)")
        }
    }

    private func plainText(of error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let first = error.connectionErrors.first { return "\(first.error)" }
        return error.dnsAError.map { "\($0)" } ?? "\(error)"
    }
}
