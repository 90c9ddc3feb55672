import NIOCore

/// Whose a connection may be: an IPv4 address, or the 64 bits of an IPv6 address that name a network. One machine has as
/// many addresses of its network as it likes.
struct AddressRange: Hashable {
    private let bytes: [UInt8]

    /// - Parameter address: nil for a socket that is gone already.
    init(_ address: SocketAddress?) {
        // By their places in `sockaddr_in` and `sockaddr_in6`, which are the same everywhere.
        switch address {
        case .v4(let address): bytes = withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
        case .v6(let address):
            let all = withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
            // An IPv4 address as a socket for both shows it.
            let isMapped = all.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            bytes = isMapped ? Array(all.suffix(4)) : Array(all.prefix(8))
        case .unixDomainSocket, nil: bytes = []
        }
    }
}
