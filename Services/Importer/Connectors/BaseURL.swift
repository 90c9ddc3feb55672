/// Where a system lies: scheme, host and port, and the path in front of everything it serves.
///
/// Every address a connector sends to is made from this, so that a link in an answer can never lead a request, and the
/// session in its headers, to another host.
public struct BaseURL: Sendable, Equatable, CustomStringConvertible {
    /// `https://host:port`, without a slash at the end.
    public let origin: String
    /// Empty, or begins with a slash and ends without one.
    public let path: String

    /// - Returns: nil for anything but an `https` (or `http`) address with a host, without user, query and fragment.
    public init?(_ text: String) {
        guard let origin = BaseURL.origin(of: text[...]), !text.contains(where: { "?#@\\ ".contains($0) }) else {
            return nil
        }
        self.origin = origin.text
        var path = text.dropFirst(origin.length)
        while path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }

    public var description: String { origin + path }

    /// The address of something under this one; `relative` may begin with a slash.
    public func appending(_ relative: String) -> String {
        origin + path + (relative.hasPrefix("/") ? "" : "/") + relative
    }

    /// Resolves a link found in an answer.
    ///
    /// - Parameter service: The path of the service below this address, e.g. `/b1s/v2`. A link may be relative to the
    ///   service (`Items?$skip=20`), to the host (`/b1s/v2/Items?$skip=20`), or whole.
    /// - Returns: nil when the link leads to another host, scheme or port, or out of the service.
    public func resolving(_ link: String, service: String) -> String? {
        guard !link.isEmpty, !link.contains(where: { $0.isNewline || "\\#".contains($0) }) else { return nil }
        var link = link[...]
        if let whole = BaseURL.origin(of: link) {
            guard whole.text == origin else { return nil }
            link = link.dropFirst(whole.length)
        } else if link.prefix(while: { $0 != "?" }).contains("://") {
            return nil
        }
        let root = path + service + "/"
        let target: String
        if !link.hasPrefix("/") {
            target = root + link
        } else if link.hasPrefix(root) {
            target = String(link)
        } else if link.hasPrefix(service + "/") {
            target = path + link  // The system does not know the path a proxy puts in front of it.
        } else {
            return nil
        }
        let names = target.prefix { $0 != "?" }.split(separator: "/")
        return names.contains("..") ? nil : origin + escapingSpaces(target)
    }

    /// The origin a whole address begins with, in lower case, and how many characters it takes; nil for other links.
    private static func origin(of link: Substring) -> (text: String, length: Int)? {
        for scheme in ["https://", "http://"] where link.lowercased().hasPrefix(scheme) {
            let host = link.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
            guard !host.isEmpty, !host.contains("@") else { return nil }
            return (scheme + host.lowercased(), scheme.count + host.count)
        }
        return nil
    }
}

/// Service Layers put spaces into their links as they are; a request line cannot hold them.
private func escapingSpaces(_ link: String) -> String {
    var bytes: [UInt8] = []
    for byte in link.utf8 {
        if byte > 0x20, byte < 0x7F {
            bytes.append(byte)
        } else {
            bytes += percentEncoded([byte])
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
