import CCurl

/// One libcurl handle. Used by the engine's thread only, which is why it is not Sendable.
struct Easy {
    let handle: OpaquePointer

    func set(_ option: ccurl_text, _ value: String) throws(OutboundError) {
        guard ccurl_easy_set_text(handle, option, value) else {
            throw .invalidRequest("libcurl refuses option \(option.rawValue)")
        }
    }

    func set(_ option: ccurl_number, _ value: Int) throws(OutboundError) {
        guard ccurl_easy_set_number(handle, option, Int64(value)) else {
            throw .invalidRequest("libcurl refuses number option \(option.rawValue)")
        }
    }

    /// Sets a limit in milliseconds, at least one; nil is no limit.
    func set(_ option: ccurl_number, _ limit: Duration?) throws(OutboundError) {
        try set(option, limit.map { max(1, Int($0 / .milliseconds(1))) } ?? 0)
    }

    func addHeader(_ line: String) throws(OutboundError) {
        guard ccurl_easy_add_header(handle, line) else { throw .invalidRequest("libcurl refuses a header") }
    }

    func addRecipient(_ address: String) throws(OutboundError) {
        guard ccurl_easy_add_recipient(handle, address) else { throw .invalidRequest("libcurl refuses a recipient") }
    }

    /// Makes the transfer a POST of these bytes.
    func setBody(_ bytes: [UInt8]) throws(OutboundError) {
        let isSet = bytes.withUnsafeBytes { ccurl_easy_set_body(handle, $0.baseAddress, $0.count) }
        guard isSet else { throw .invalidRequest("libcurl refuses the body") }
    }

    func apply(_ trust: TLSTrust) throws(OutboundError) {
        switch trust {
        case .system: break
        case .authorities(let file): try set(CCURL_AUTHORITIES_FILE, file)
        case .authoritiesPEM(let pem):
            let isSet = pem.withUnsafeBytes { bytes in
                bytes.baseAddress.map { ccurl_easy_set_authorities(handle, $0, bytes.count) } ?? false
            }
            guard isSet else { throw .tls(detail: "the certificate authorities cannot be read") }
        case .pinned(let publicKeys):
            guard !publicKeys.isEmpty, publicKeys.allSatisfy({ $0.hasPrefix("sha256//") }) else {
                throw .tls(detail: "a pinned key is written sha256//BASE64")
            }
            try set(CCURL_PINNED_KEYS, publicKeys.joined(separator: ";"))
            fallthrough
        case .unverified:
            try set(CCURL_VERIFY_CHAIN, 0)
            try set(CCURL_VERIFY_NAME, 0)
        }
    }
}
