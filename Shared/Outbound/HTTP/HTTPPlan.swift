import CCurl
import CoreTypes

/// One request with every choice made and checked: what is left is to tell libcurl.
struct HTTPPlan: Sendable {
    let request: HTTPRequest
    let url: RequestURL
    let addresses: AddressPolicy
    let timeouts: HTTPTimeouts
    let maxBodyBytes: Int
    private let trust: TLSTrust
    private let proxy: HTTPProxy?
    private let userAgent: String
    private let allowsHTTP2: Bool

    init(_ request: HTTPRequest, _ configuration: HTTPClientConfiguration) throws(OutboundError) {
        guard request.method.isValid else { throw .invalidRequest("the method is not a word of upper-case letters") }
        for header in request.headers { _ = try header.line() }
        self.request = request
        url = try RequestURL(request.url, configuration)
        // The proxy is the operator's choice, and the address connected to is its own.
        addresses = configuration.proxy == nil ? configuration.addresses : .unrestricted
        timeouts = request.timeouts ?? configuration.timeouts
        maxBodyBytes = request.maxBodyBytes ?? configuration.maxBodyBytes
        trust = request.trust ?? configuration.trust
        proxy = configuration.proxy
        userAgent = configuration.userAgent
        allowsHTTP2 = configuration.allowsHTTP2
    }

    func configure(_ easy: Easy) throws(OutboundError) {
        try easy.set(CCURL_PROTOCOLS, url.isEncrypted ? "https" : "http")
        try easy.set(CCURL_URL, url.text)
        try easy.set(CCURL_USER_AGENT, userAgent)
        try easy.set(CCURL_ACCEPT_ENCODING, "gzip, deflate")
        try easy.set(CCURL_HTTP2, allowsHTTP2 ? 1 : 0)
        try easy.set(CCURL_CONNECT_TIMEOUT_MS, timeouts.connect)
        try easy.set(CCURL_TOTAL_TIMEOUT_MS, timeouts.total)
        try easy.set(CCURL_FRESH_CONNECTION, request.needsFreshConnection ? 1 : 0)
        try easy.apply(trust)
        if let proxy {
            try easy.set(CCURL_PROXY, proxy.url)
            if let credentials = proxy.credentials { try easy.set(CCURL_PROXY_CREDENTIALS, credentials.reveal()) }
        }
        try configureBody(easy)
        for header in request.headers { try easy.addHeader(try header.line()) }
    }

    private func configureBody(_ easy: Easy) throws(OutboundError) {
        let body: [UInt8]? =
            switch request.body {
            case .bytes(let bytes): bytes
            case .secret(let bytes): bytes.reveal()
            case .none: request.method == .post || request.method == .put || request.method == .patch ? [] : nil
            }
        if let body {
            try easy.setBody(body)
            // Not libcurl's guess that a body is a form, and no waiting for "100 Continue".
            let isTyped = request.headers.contains { $0.name.lowercased() == "content-type" }
            if !isTyped { try easy.addHeader("Content-Type:") }
            try easy.addHeader("Expect:")
        } else if request.method == .head {
            try easy.set(CCURL_WITHOUT_BODY, 1)
        }
        if request.method != .head { try easy.set(CCURL_METHOD, request.method.rawValue) }
    }
}
