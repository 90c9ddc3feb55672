import Logging
import NIOCore
import RPC
import Synchronization
import TLS

/// What all connections of a server share.
struct ServerShared: Sendable {
    let router: Router
    let limits: RPCServerLimits
    let logger: Logger
    let connections: ServerConnections
}

/// The connections of a server, from accepting to the end.
final class ServerConnections: Sendable {
    private struct Entry {
        let channel: any Channel
        /// Set once the connection is counted for a peer.
        var peer: PeerIdentity?
        var info: RPCConnectionInfo?
    }

    private struct State {
        var admission: Admission
        var lastNumber: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
        var isDraining = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    private let state: Mutex<State>

    init(_ limits: RPCServerLimits) {
        let admission = Admission(
            connectionsMax: limits.connectionsMax, connectionsPerPeerMax: limits.connectionsPerPeerMax)
        state = Mutex(State(admission: admission))
    }

    /// - Returns: The connection's number; nil when there is no room for it.
    func enter(_ channel: any Channel) -> UInt64? {
        let number: UInt64? = state.withLock { state in
            guard state.admission.enter() else { return nil }
            state.lastNumber += 1
            state.entries[state.lastNumber] = Entry(channel: channel)
            return state.lastNumber
        }
        if let number { channel.closeFuture.whenComplete { _ in self.left(number) } }
        return number
    }

    /// - Returns: false when the peer has too many connections already.
    func identify(_ number: UInt64, _ peer: PeerIdentity) -> Bool {
        state.withLock { state in
            guard state.admission.identify(peer) else { return false }
            state.entries[number]?.peer = peer
            return true
        }
    }

    func opened(_ info: RPCConnectionInfo) { state.withLock { $0.entries[info.number]?.info = info } }

    private func left(_ number: UInt64) {
        let waiting: [EventLoopPromise<Void>] = state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: number) else { return [] }
            state.admission.leave(entry.peer)
            guard state.entries.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in waiting { promise.succeed() }
    }

    private var channels: [any Channel] { state.withLock { $0.entries.values.map(\.channel) } }
    var isDraining: Bool { state.withLock { $0.isDraining } }
    var infos: [RPCConnectionInfo] {
        state.withLock { $0.entries.values.compactMap(\.info).sorted { $0.number < $1.number } }
    }

    /// Asks every client to go elsewhere. Connections still in their handshake learn it after it.
    func drain() {
        state.withLock { $0.isDraining = true }
        for channel in channels {
            channel.eventLoop.execute {
                try? channel.pipeline.syncOperations.handler(type: ServerConnection.self).drain()
            }
        }
    }

    func closeAll() {
        for channel in channels { channel.close(promise: nil) }
    }

    /// Waits until the last connection is gone.
    func empty(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            if !state.entries.isEmpty { state.whenEmpty.append(promise) }
            return state.entries.isEmpty
        }
        if isEmpty { promise.succeed() }
        return promise.futureResult
    }

    /// Closes the connections whose peers the new context refuses, as after a revocation.
    func verifyPeers(by context: TLSContext, _ logger: Logger) {
        for channel in channels {
            channel.eventLoop.execute {
                guard let handler = try? channel.pipeline.syncOperations.handler(type: TLSHandler.self) else { return }
                do throws(TLSError) {
                    try handler.verifyPeer(by: context)
                } catch {
                    logger.notice(
                        "peer no longer accepted",
                        metadata: [
                            "reason": "\(error.reason.rawValue)",
                            "address": "\(channel.remoteAddress?.description ?? "unknown")",
                        ])
                    channel.close(promise: nil)
                }
            }
        }
    }
}
