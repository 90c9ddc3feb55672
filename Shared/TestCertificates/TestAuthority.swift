import Foundation

/// A certificate authority in a folder of its own, for tests: everything is made with the openssl command line and
/// removed with the object.
public final class TestAuthority: Sendable {
    public let trustDomain: String
    /// PEM of the authority.
    public let certificatePath: String
    let keyPath: String
    let folder: URL
    private let counter = Counter()

    public init(trustDomain: String = "test.sluice") throws {
        self.trustDomain = trustDomain
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        Leftovers.removeAtExit(folder)
        certificatePath = folder.appendingPathComponent("authority.pem").path
        keyPath = folder.appendingPathComponent("authority.key").path
        try OpenSSLCommand.run(
            ["req", "-x509", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
                + ["-subj", "/CN=Test authority \(UUID().uuidString)", "-days", "30"]
                + ["-keyout", keyPath, "-out", certificatePath]
                + ["-config", try configuration(CertificateRequest.authorityExtensions), "-extensions", "used"])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The certificate every service of the product has.
    public func service(_ name: String, instance: String = "1") throws -> TestCertificate {
        try issue(CertificateRequest(uris: ["spiffe://\(trustDomain)/svc/\(name)/\(instance)"]))
    }

    /// The certificate of a person.
    public func person(_ name: String) throws -> TestCertificate {
        try issue(CertificateRequest(uris: ["spiffe://\(trustDomain)/operator/\(name)"], purposes: "clientAuth"))
    }

    /// A web or mail server's certificate, for server-only mode.
    public func webServer(_ name: String = "localhost") throws -> TestCertificate {
        var request = CertificateRequest(uris: [])
        request.otherNames = ["DNS:\(name)", "IP:127.0.0.1"]
        return try issue(request)
    }

    public func issue(_ request: CertificateRequest) throws -> TestCertificate {
        let serial = counter.next()
        let name = "leaf-\(serial)"
        let certificate = folder.appendingPathComponent("\(name).pem").path
        let key = folder.appendingPathComponent("\(name).key").path
        let config = try configuration(request.extensionLines)
        if let validity = request.validity {
            try sign(request, validity, serial: serial, config: config, key: key, certificate: certificate)
        } else {
            var arguments = ["req", "-x509", "-new", "-nodes"] + request.keyArguments + ["-subj", "/CN=\(name)"]
            arguments += ["-days", "10", "-keyout", key, "-out", certificate]
            arguments += ["-config", config, "-extensions", "used", "-set_serial", "0x\(serial)", request.digest]
            if !request.isSelfSigned {
                arguments += ["-CA", request.issuer?.certificatePath ?? certificatePath]
                arguments += ["-CAkey", request.issuer?.keyPath ?? keyPath]
            }
            try OpenSSLCommand.run(arguments)
        }
        if let issuer = request.issuer {
            let own = try String(contentsOfFile: certificate, encoding: .utf8)
            let chain = try String(contentsOfFile: issuer.certificatePath, encoding: .utf8)
            try (own + chain).write(toFile: certificate, atomically: true, encoding: .utf8)
        }
        return TestCertificate(certificatePath: certificate, keyPath: key, serial: serial, authority: self)
    }

    /// A revocation list with these certificates on it.
    ///
    /// - Parameters:
    ///   - hoursValid: negative for one that has run out.
    ///   - alsoRevoked: how many more that were never issued.
    public func revocationList(
        _ revoked: [TestCertificate], hoursValid: Int = 24, alsoRevoked: Int = 0
    ) throws -> String {
        let name = "list-\(counter.next())"
        let index = folder.appendingPathComponent("\(name).index")
        // Six digits and an even number of them; those that were issued have fewer.
        let others = (0..<alsoRevoked).map { String(0x100000 + $0, radix: 16, uppercase: true) }
        let lines = (revoked.map(\.serial) + others).map {
            "R\t400101000000Z\t250101000000Z\t\($0)\tunknown\t/CN=revoked\n"
        }
        try lines.joined().write(to: index, atomically: true, encoding: .utf8)
        let config = folder.appendingPathComponent("\(name).cnf").path
        try caSection(index: index.path).write(toFile: config, atomically: true, encoding: .utf8)
        let path = folder.appendingPathComponent("\(name).pem").path
        var arguments = [
            "ca", "-gencrl", "-config", config, "-out", path, "-cert", certificatePath, "-keyfile", keyPath,
        ]
        if hoursValid < 0 {
            arguments += ["-crl_lastupdate", "20250101000000Z", "-crl_nextupdate", "20250102000000Z"]
        } else {
            arguments += ["-crlhours", "\(hoursValid)"]
        }
        try OpenSSLCommand.run(arguments)
        return path
    }

    /// Only `openssl ca` can choose the days.
    private func sign(
        _ request: CertificateRequest, _ validity: (from: String, to: String), serial: String, config: String,
        key: String, certificate: String
    ) throws {
        let index = folder.appendingPathComponent("ca-\(serial).index").path
        try "".write(toFile: index, atomically: true, encoding: .utf8)
        try serial.write(toFile: index + ".serial", atomically: true, encoding: .utf8)
        let text = try String(contentsOfFile: config, encoding: .utf8) + caSection(index: index)
        try text.write(toFile: config, atomically: true, encoding: .utf8)
        let signing = certificate + ".csr"
        try OpenSSLCommand.run(
            ["req", "-new", "-nodes"] + request.keyArguments
                + ["-subj", "/CN=leaf-\(serial)", "-keyout", key, "-out", signing, "-config", config])
        try OpenSSLCommand.run(
            ["ca", "-batch", "-notext", "-config", config, "-extensions", "used", "-in", signing]
                + ["-out", certificate, "-outdir", folder.path, "-startdate", validity.from, "-enddate", validity.to]
                + ["-cert", certificatePath, "-keyfile", keyPath])
    }

    private func caSection(index: String) -> String {
        """
        [ca]
        default_ca = this
        [this]
        database = \(index)
        serial = \(index).serial
        default_md = sha256
        policy = any
        [any]
        commonName = supplied

        """
    }

    private func configuration(_ extensions: [String]) throws -> String {
        let path = folder.appendingPathComponent("request-\(counter.next()).cnf").path
        let text = """
            [req]
            distinguished_name = name
            prompt = no
            [name]
            commonName = test
            [used]
            \(extensions.joined(separator: "\n"))

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}

/// Serial numbers, in hexadecimal of an even length.
private final class Counter: @unchecked Sendable {
    // Guarded by the lock.
    private var value = 0x1000
    private let lock = NSLock()

    func next() -> String {
        lock.withLock {
            value += 1
            return String(value, radix: 16, uppercase: true)
        }
    }
}

/// Folders of authorities that live as long as the process.
private final class Leftovers: @unchecked Sendable {
    // Guarded by the lock.
    private var folders: [URL] = []
    private let lock = NSLock()

    private static let shared: Leftovers = {
        atexit { Leftovers.shared.remove() }
        return Leftovers()
    }()

    static func removeAtExit(_ folder: URL) { shared.lock.withLock { shared.folders.append(folder) } }

    private func remove() {
        for folder in lock.withLock({ folders }) { try? FileManager.default.removeItem(at: folder) }
    }
}
