/// Where a service listens.
public struct RPCAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address; IPv6 without brackets.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[address]:port`.
    ///
    /// - Returns: nil when the text is neither.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    /// Reads a list with commas, in the order of preference.
    ///
    /// - Returns: nil when one of them is no address, or there is none.
    public static func list(_ text: String) -> [RPCAddress]? {
        let addresses = text.split(separator: ",").map { part in
            RPCAddress(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
        }
        let found = addresses.compactMap { $0 }
        return found.isEmpty || found.count < addresses.count ? nil : found
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
