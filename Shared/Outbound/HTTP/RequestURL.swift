import CCurl

/// A URL that has passed every check that can be made before the network is asked.
struct RequestURL: Sendable {
    /// As libcurl gets it: the host as A-label, without a fragment.
    let text: String
    let host: String
    let port: Int
    let isEncrypted: Bool

    init(_ text: String, _ configuration: HTTPClientConfiguration) throws(OutboundError) {
        guard text.utf8.count <= 8000 else { throw .invalidRequest("the URL is longer than 8,000 bytes") }
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw .invalidRequest("the URL has a space or a control character in it")
        }
        // libcurl would take the path of https:///host/ for the host, as browsers do.
        guard !text.contains(":///"), let url = ParsedURL(text), let scheme = url[CCURL_URL_SCHEME],
            let writtenHost = url[CCURL_URL_HOST],
            let port = url[CCURL_URL_PORT].flatMap({ Int($0) })
        else { throw .invalidRequest("the URL is not of the form https://host/path") }
        isEncrypted = scheme == "https"
        guard isEncrypted || (scheme == "http" && configuration.allowsPlainHTTP) else {
            throw .invalidRequest("the scheme \(scheme) is not allowed, use https")
        }
        guard url[CCURL_URL_USER] == nil, url[CCURL_URL_PASSWORD] == nil else {
            throw .invalidRequest("the URL has a user name in it; credentials go elsewhere")
        }
        if let allowed = configuration.allowedPorts, !allowed.contains(port) {
            throw .invalidRequest("the port \(port) is not allowed")
        }
        host = try wireHost(writtenHost, configuration.addresses)
        self.port = port
        guard url.set(CCURL_URL_HOST, host), url.set(CCURL_URL_FRAGMENT, nil), let whole = url[CCURL_URL_WHOLE],
            whole.utf8.allSatisfy({ $0 < 0x80 })
        else { throw .invalidRequest("the URL's path has characters that must be percent-encoded") }
        self.text = whole
    }
}

/// libcurl has by now turned decimal, octal, hexadecimal and shortened IPv4 forms into four decimal parts.
private func wireHost(_ written: String, _ policy: AddressPolicy) throws(OutboundError) -> String {
    let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
    if let address = IPAddress(isBracketed ? String(written.dropFirst().dropLast()) : written),
        address.isIPv6 == isBracketed
    {
        // A proxy would connect for us, out of sight: an address in the URL is judged here as well.
        guard policy.allows(address) else { throw .refusedAddress(address.description) }
        return written
    }
    let hasRoot = written.hasSuffix(".")
    guard let name = DomainName(hasRoot ? String(written.dropLast()) : written) else {
        throw .invalidRequest("\(written.prefix(100)) is not a host name")
    }
    return name.ascii
}

/// libcurl's own reading of a URL, so that what was checked is what is connected to.
private final class ParsedURL {
    private let url: OpaquePointer

    init?(_ text: String) {
        guard let url = ccurl_url_parse(text) else { return nil }
        self.url = url
    }

    deinit { ccurl_url_destroy(url) }

    subscript(part: ccurl_url_part) -> String? {
        guard let text = ccurl_url_copy_part(url, part) else { return nil }
        defer { ccurl_free(text) }
        return String(cString: text)
    }

    func set(_ part: ccurl_url_part, _ value: String?) -> Bool {
        guard let value else { return ccurl_url_set_part(url, part, nil) }
        return ccurl_url_set_part(url, part, value)
    }
}
