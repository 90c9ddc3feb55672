public import CoreTypes
public import Logging
public import NIOCore
public import NIOPosix
public import RPC
import Synchronization
public import TLS

/// Serves a router's methods over mutual TLS until told to stop.
public final class RPCServer: Sendable {
    private let configuration: RPCServerConfiguration
    private let tls: TLSContextSource
    private let clock: any Clock<Duration>
    private let wallClock: WallClock?
    private let logger: Logger
    private let group: any EventLoopGroup
    private let shared: ServerShared
    private let executors = EventLoopExecutors()
    private let port: EventLoopPromise<Int>
    private let stop: EventLoopPromise<Void>

    /// - Parameters:
    ///   - tls: In mutual mode; its files are looked at again while the server runs.
    ///   - clock: What the looks at the files and the time to drain are measured by.
    ///   - wallClock: When certificates and lists that run out are warned of, from 72 hours before, once a day; nil: never.
    public init(
        router: Router, configuration: RPCServerConfiguration, tls: TLSContextSource, logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(), wallClock: WallClock? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.configuration = configuration
        self.tls = tls
        self.clock = clock
        self.wallClock = wallClock
        self.logger = logger
        self.group = group
        shared = ServerShared(
            router: router, limits: configuration.limits, logger: logger, tls: tls,
            refusals: RefusalLog(logger, every: .seconds(Int64(configuration.limits.refusalReportSeconds))),
            connections: ServerConnections(configuration.limits))
        port = group.any().makePromise()
        stop = group.any().makePromise()
    }

    deinit {
        // A server that never ran leaves nobody waiting.
        port.fail(ChannelError.alreadyClosed)
        stop.succeed()
    }

    /// The port listened on, once it is.
    ///
    /// - Throws: What made listening impossible.
    public func boundPort() async throws -> Int { try await port.futureResult.get() }

    /// Connections whose peers are known.
    public var connections: [RPCConnectionInfo] { shared.connections.infos }

    /// Begins to drain: nobody new is accepted, clients are asked to go elsewhere, calls in flight are answered.
    /// ``run()`` returns after the last. May be called more than once.
    public func shutDown() { stop.succeed() }

    /// Listens and serves until ``shutDown()`` and the end of the last call, or until cancelled, which ends calls too.
    public func run() async throws {
        let listener = try await listen()
        logger.info("listening", metadata: ["address": "\(String(describing: listener.localAddress))"])
        await withTaskCancellationHandler {
            await withTaskGroup { tasks in
                tasks.addTask { await self.watchCertificates() }
                try? await self.stop.futureResult.get()
                await self.drain(listener)
                tasks.cancelAll()
            }
        } onCancel: {
            shared.connections.closeAll()
            stop.succeed()
        }
    }

    private func listen() async throws -> any Channel {
        do {
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in self.accept(channel) }
                .bind(host: configuration.host, port: configuration.port).get()
            port.succeed(listener.localAddress?.port ?? configuration.port)
            return listener
        } catch {
            port.fail(error)
            throw error
        }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let number = shared.connections.enter(channel) else {
            let fault = ConnectionFault.tooManyConnections(max: shared.limits.connectionsMax)
            shared.refusals.note(fault.serviceError.reason, channel)
            return channel.eventLoop.makeFailedFuture(fault)
        }
        return channel.eventLoop.makeCompletedFuture {
            let connection = ServerConnection(number: number, shared: shared, executor: executors[channel.eventLoop])
            try channel.pipeline.syncOperations.addHandlers(
                TLSHandler(context: tls.current, role: .server), connection)
        }
    }

    private func drain(_ listener: any Channel) async {
        try? await listener.close().get()
        shared.connections.drain()
        let connections = shared.connections
        let limit = Duration.seconds(shared.limits.drainSecondsMax)
        await withTaskGroup { tasks in
            tasks.addTask { [clock] in
                // Cut short when the server is cancelled: then nobody is waited for.
                try? await clock.sleep(for: limit)
                connections.closeAll()
            }
            try? await connections.empty(on: group.any()).get()
            tasks.cancelAll()
        }
        logger.info("stopped listening")
    }

    private func watchCertificates() async {
        let interval = Duration.seconds(configuration.limits.certificatePollSeconds)
        var lastFault: TLSError?
        var verified = tls.current
        var expiry = ExpiryWatch()
        if let wallClock { expiry.look(verified, at: wallClock.now(), logger) }
        while (try? await clock.sleep(for: interval)) != nil {
            switch tls.reloadIfChanged() {
            case .unchanged: lastFault = nil
            case .reloaded:
                lastFault = nil
                logger.notice("certificates renewed")
            case .kept(let fault):
                // Once per fault, not once per look.
                if fault != lastFault {
                    logger.error("new certificates are unusable, the old ones stay", metadata: ["reason": "\(fault)"])
                }
                lastFault = fault
            }
            // A client that shares the source may have taken the new files over before this look.
            let current = tls.current
            if current !== verified {
                verified = current
                shared.connections.verifyPeers(by: current, logger)
            }
            if let wallClock { expiry.look(current, at: wallClock.now(), logger) }
        }
    }
}
