/// Who a certificate stands for: `spiffe://<trust-domain>/svc/<name>/<instance>` or `…/operator/<name>`.
///
/// Read from the whole name, byte for byte; nothing is unescaped, lower-cased or cut off.
public struct SPIFFEIdentity: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        case service(name: String, instance: String)
        case `operator`(name: String)
    }

    public let trustDomain: String
    public let kind: Kind

    public var uri: String {
        switch kind {
        case .service(let name, let instance): "spiffe://\(trustDomain)/svc/\(name)/\(instance)"
        case .operator(let name): "spiffe://\(trustDomain)/operator/\(name)"
        }
    }

    public var description: String { uri }

    public init(trustDomain: String, kind: Kind) {
        self.trustDomain = trustDomain
        self.kind = kind
    }

    /// Reads a name strictly.
    ///
    /// - Throws: `.identityMalformed` with what is wrong with it.
    public init(_ bytes: some Collection<UInt8>) throws(TLSError) {
        let scheme = Array("spiffe://".utf8)
        guard bytes.count <= 2048 else { throw .malformed("longer than 2048 bytes") }
        guard bytes.starts(with: scheme) else { throw .malformed("does not begin with spiffe://") }
        let parts = bytes.dropFirst(scheme.count).split(separator: slash, omittingEmptySubsequences: false)
        guard let domain = parts.first, !domain.isEmpty, domain.count <= 255, domain.allSatisfy(isDomainByte) else {
            throw .malformed("the trust domain may have only a-z, 0-9, '.', '-' and '_'")
        }
        let path = parts.dropFirst()
        for segment in path {
            guard !segment.isEmpty else { throw .malformed("an empty part in the path") }
            guard !segment.elementsEqual([dot]), !segment.elementsEqual([dot, dot]) else {
                throw .malformed("'.' or '..' in the path")
            }
            guard segment.allSatisfy(isPathByte) else {
                throw .malformed("the path may have only letters, digits, '.', '-' and '_'")
            }
        }
        let words = path.map { String(decoding: $0, as: UTF8.self) }
        trustDomain = String(decoding: domain, as: UTF8.self)
        switch (words.first, words.count) {
        case ("svc", 3): kind = .service(name: words[1], instance: words[2])
        case ("operator", 2): kind = .operator(name: words[1])
        default: throw .malformed("the path is neither /svc/<name>/<instance> nor /operator/<name>")
        }
    }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

private func isDomainByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case dot, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
}

private func isPathByte(_ byte: UInt8) -> Bool {
    isDomainByte(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
}

extension TLSError {
    fileprivate static func malformed(_ detail: String) -> TLSError { TLSError(.identityMalformed, detail) }
}
