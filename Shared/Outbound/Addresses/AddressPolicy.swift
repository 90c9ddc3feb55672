/// Which addresses a connection may be opened to.
///
/// Merchants type base URLs, so a URL may point into our own network. The policy judges the address a socket is
/// really about to be connected to, after the name was resolved. Exceptions are the operator's, never the merchant's.
public struct AddressPolicy: Sendable, Equatable {
    private var allowsEverything = false
    /// Addresses allowed although they are not public, for systems on the operator's own network.
    public var allowed: [AddressRange] = []

    /// Public unicast addresses and nothing else.
    public static let publicOnly = AddressPolicy()

    /// Public unicast addresses and these.
    public static func publicAnd(_ ranges: [AddressRange]) -> AddressPolicy {
        var policy = AddressPolicy()
        policy.allowed = ranges
        return policy
    }

    /// Every address: for hosts the operator has named, as a mail relay on localhost.
    public static let unrestricted: AddressPolicy = {
        var policy = AddressPolicy()
        policy.allowsEverything = true
        return policy
    }()

    public func allows(_ address: IPAddress) -> Bool {
        allowsEverything || allowed.contains { $0.contains(address) } || isPublic(address)
    }
}

private func isPublic(_ address: IPAddress) -> Bool {
    // All public IPv6 unicast space handed out so far is 2000::/3. Forms that carry an IPv4 address (mapped ::ffff:0:0/96,
    // NAT64 64:ff9b::/96, compatible ::/96) lie outside it; 6to4 and Teredo inside it are listed.
    if address.isIPv6 && !globalUnicast.contains(address) { return false }
    return !special.contains { $0.contains(address) }
}

private let globalUnicast = range("2000::/3")

/// IANA's special-purpose registries of both families, with multicast, and Azure's host address, which is public in
/// form only. Cloud metadata lies in these too: 169.254.169.254, 100.100.100.200, fd00:ec2::254.
private let special: [AddressRange] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48",
].map(range)

private func range(_ text: String) -> AddressRange {
    guard let range = AddressRange(text) else { preconditionFailure("\(text) is not a range of addresses") }
    return range
}
