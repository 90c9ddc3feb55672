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
    let tls: TLSContextSource
    let refusals: RefusalLog
    let connections: ServerConnections
}

/// The connections of a server, from accepting to the end.
final class ServerConnections: Sendable {
    private struct Entry {
        let channel: any Channel
        let address: AddressRange
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
        state = Mutex(State(admission: Admission(limits)))
    }

    /// - Returns: The connection's number; nil when there is no room for it.
    func enter(_ channel: any Channel) -> UInt64? {
        let address = AddressRange(channel.remoteAddress)
        let number: UInt64? = state.withLock { state in
            guard state.admission.enter(from: address) else { return nil }
            state.lastNumber += 1
            state.entries[state.lastNumber] = Entry(channel: channel, address: address)
            return state.lastNumber
        }
        if let number { channel.closeFuture.whenComplete { _ in self.left(number) } }
        return number
    }

    /// - Returns: false when there are too many connections already, of this peer or in all.
    func identify(_ number: UInt64, _ peer: PeerIdentity) -> Bool {
        state.withLock { state in
            guard let entry = state.entries[number], state.admission.identify(peer, from: entry.address) else {
                return false
            }
            state.entries[number]?.peer = peer
            return true
        }
    }

    func opened(_ info: RPCConnectionInfo) { state.withLock { $0.entries[info.number]?.info = info } }

    private func left(_ number: UInt64) {
        let waiting: [EventLoopPromise<Void>] = state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: number) else { return [] }
            state.admission.leave(entry.peer, from: entry.address)
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
                do throws(TLSError) {
                    try channel.pipeline.syncOperations.verifyPeer(by: context)
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
