import RPC

/// Who may connect: counts of connections, in all and for each identity.
struct Admission {
    let connectionsMax: Int
    let connectionsPerPeerMax: Int
    private(set) var connections = 0
    private(set) var peers: [PeerIdentity: Int] = [:]

    init(connectionsMax: Int, connectionsPerPeerMax: Int) {
        self.connectionsMax = connectionsMax
        self.connectionsPerPeerMax = connectionsPerPeerMax
    }

    /// A socket was accepted.
    ///
    /// - Returns: false when there is no room; then it does not count.
    mutating func enter() -> Bool {
        guard connections < connectionsMax else { return false }
        connections += 1
        return true
    }

    /// A connection's peer is known.
    ///
    /// - Returns: false when the peer has too many already; then it is not counted for it.
    mutating func identify(_ peer: PeerIdentity) -> Bool {
        guard peers[peer, default: 0] < connectionsPerPeerMax else { return false }
        peers[peer, default: 0] += 1
        return true
    }

    /// A connection that entered is gone.
    ///
    /// - Parameter peer: nil when it never was identified.
    mutating func leave(_ peer: PeerIdentity?) {
        connections -= 1
        guard let peer, let count = peers[peer] else { return }
        peers[peer] = count == 1 ? nil : count - 1
    }
}
