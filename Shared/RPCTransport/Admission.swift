import RPC

/// Who may connect: counts of connections whose peers are known, and apart from them of strangers, so that whoever has
/// no certificate takes no room from those who have one.
struct Admission {
    private let limits: RPCServerLimits
    private(set) var connections = 0
    private(set) var strangers = 0
    private var peers: [PeerIdentity: Int] = [:]
    private var addresses: [AddressRange: Int] = [:]

    init(_ limits: RPCServerLimits) { self.limits = limits }

    /// A socket was accepted; its peer is a stranger until identified.
    ///
    /// - Returns: false when there is no room; then it does not count.
    mutating func enter(from address: AddressRange) -> Bool {
        guard connections < limits.connectionsMax, strangers < limits.strangersMax,
            addresses[address, default: 0] < limits.strangersPerAddressMax
        else { return false }
        strangers += 1
        addresses[address, default: 0] += 1
        return true
    }

    /// A connection's peer is known.
    ///
    /// - Returns: false when there are too many already, of this peer or in all; then it stays a stranger's.
    mutating func identify(_ peer: PeerIdentity, from address: AddressRange) -> Bool {
        guard connections < limits.connectionsMax, peers[peer, default: 0] < limits.connectionsPerPeerMax else {
            return false
        }
        forgetStranger(address)
        connections += 1
        peers[peer, default: 0] += 1
        return true
    }

    /// A connection that entered is gone.
    ///
    /// - Parameter peer: nil when it never was identified.
    mutating func leave(_ peer: PeerIdentity?, from address: AddressRange) {
        guard let peer else { return forgetStranger(address) }
        connections -= 1
        if let count = peers[peer] { peers[peer] = count == 1 ? nil : count - 1 }
    }

    private mutating func forgetStranger(_ address: AddressRange) {
        strangers -= 1
        if let count = addresses[address] { addresses[address] = count == 1 ? nil : count - 1 }
    }
}
