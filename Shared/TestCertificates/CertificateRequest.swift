/// What a test wants in a certificate; every rule can be broken alone.
public struct CertificateRequest: Sendable {
    public var uris: [String]
    /// As `DNS:localhost`.
    public var otherNames: [String] = []
    public var constraints: String? = "critical,CA:FALSE"
    public var keyUsage: String? = "critical,digitalSignature"
    public var purposes: String?
    /// Further lines of the extensions section.
    public var extraExtensions: [String] = []
    /// `YYYYMMDDHHMMSSZ`; nil is ten days from now.
    public var validity: (from: String, to: String)?
    public var keyArguments = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    public var digest = "-sha256"
    public var isSelfSigned = false
    public var hasKeyIdentifiers = true
    /// Signed by this certificate, which is then sent along, and not by the authority itself.
    public var issuer: TestCertificate?

    public init(uris: [String], purposes: String? = "serverAuth,clientAuth") {
        self.uris = uris
        self.purposes = purposes
    }

    static let authorityExtensions = [
        "basicConstraints = critical,CA:TRUE", "keyUsage = critical,keyCertSign,cRLSign", "subjectKeyIdentifier = hash",
    ]

    var extensionLines: [String] {
        var lines = extraExtensions
        if let constraints { lines.append("basicConstraints = \(constraints)") }
        if let keyUsage { lines.append("keyUsage = \(keyUsage)") }
        if let purposes { lines.append("extendedKeyUsage = \(purposes)") }
        if hasKeyIdentifiers {
            lines.append("subjectKeyIdentifier = hash")
            if !isSelfSigned { lines.append("authorityKeyIdentifier = keyid") }
        } else {
            lines.append("subjectKeyIdentifier = none")
            lines.append("authorityKeyIdentifier = none")
        }
        let names =
            uris.enumerated().map { "URI.\($0.offset) = \($0.element)" }
            + otherNames.enumerated().map { name in
                let parts = name.element.split(separator: ":", maxSplits: 1)
                return "\(parts[0]).\(name.offset) = \(parts[1])"
            }
        if !names.isEmpty { lines += ["subjectAltName = @names", "[names]"] + names }
        return lines
    }
}

/// Files of one certificate; they live as long as the authority, which this keeps alive.
public struct TestCertificate: Sendable {
    public let certificatePath: String
    public let keyPath: String
    /// In hexadecimal.
    public let serial: String
    let authority: TestAuthority

    public var authorityPath: String { authority.certificatePath }
}
