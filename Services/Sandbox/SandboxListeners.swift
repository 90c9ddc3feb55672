import CoreTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import ServiceRuntime
import Synchronization
public import TLS

/// The ports the outside systems are reached at: HTTPS for the systems, SMTP for the mailbox.
public final class SandboxListeners: Service {
    public struct Ports: Sendable, Equatable {
        public var http: Int
        public var smtp: Int
    }

    private let sandbox: Sandbox
    private let host: String
    private let wanted: Ports
    private let tls: TLSContext?
    private let smtp: SMTPSettings
    private let bound = BoundPorts()

    /// - Parameters:
    ///   - httpPort: 0 takes a free one.
    ///   - tls: In server-only mode; nil serves plain HTTP and SMTP without STARTTLS, for tests.
    public init(
        _ sandbox: Sandbox, host: String = "127.0.0.1", httpPort: Int = 0, smtpPort: Int = 0, tls: TLSContext? = nil,
        smtp: SMTPSettings = SMTPSettings()
    ) {
        self.sandbox = sandbox
        self.host = host
        wanted = Ports(http: httpPort, smtp: smtpPort)
        self.tls = tls
        self.smtp = smtp
    }

    /// Serves until a graceful shutdown or cancellation.
    ///
    /// - Throws: ``SandboxListenError`` when a port cannot be had.
    public func run() async throws {
        do {
            try await serve()
        } catch {
            var error = error
            if error is IOError { error = SandboxListenError(host: host, ports: wanted, cause: "\(error)") }
            bound.fail(error)
            throw error
        }
    }

    private func serve() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let mail = try await bindMail(group)
        let web = WebListener(sandbox: sandbox).makeServer(host: host, port: wanted.http, tls: tls, group: group) {
            [self] port in
            sandbox.environment.logger.notice(
                "The sandbox listens.", metadata: ["http": "\(port)", "smtp": "\(mail.localAddress?.port ?? 0)"])
            bound.set(Ports(http: port, smtp: mail.localAddress?.port ?? 0))
        }
        defer { mail.close(promise: nil) }
        try await web.run()
    }

    /// Waits until both ports listen.
    ///
    /// - Throws: What kept ``run()`` from listening.
    public func ports() async throws -> Ports { try await bound.get() }

    /// Serves while `body` runs; for tests.
    public func withRunning<Value: Sendable>(_ body: (Ports) async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            let value: Value
            do {
                value = try await body(try await ports())
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            return value
        }
    }

    private func bindMail(_ group: any EventLoopGroup) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [sandbox, smtp, tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = SMTPConnection(sandbox.mailbox, smtp, tls: tls) {
                        await sandbox.saveMailboxFaults()
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .bind(host: host, port: wanted.smtp).get()
    }
}

/// A port could not be listened at.
public struct SandboxListenError: Error, CustomStringConvertible {
    var host: String
    var ports: SandboxListeners.Ports
    var cause: String

    public var description: String {
        "cannot listen at \(host), ports \(ports.http) (HTTPS) and \(ports.smtp) (SMTP): \(cause). "
            + "Stop what uses them, or set SANDBOX_HTTPS_PORT and SANDBOX_SMTP_PORT."
    }
}

/// Hands the bound ports to whoever waits for them.
private final class BoundPorts: Sendable {
    private struct State {
        var result: Result<SandboxListeners.Ports, any Error>?
        var waiters: [CheckedContinuation<SandboxListeners.Ports, any Error>] = []
    }

    private let state = Mutex(State())

    func set(_ ports: SandboxListeners.Ports) { finish(.success(ports)) }
    func fail(_ error: any Error) { finish(.failure(error)) }

    private func finish(_ result: Result<SandboxListeners.Ports, any Error>) {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            if state.result == nil { state.result = result }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    func get() async throws -> SandboxListeners.Ports {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiters.append(continuation) }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
