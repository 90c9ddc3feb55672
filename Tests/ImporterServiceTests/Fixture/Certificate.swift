import FoundationEssentials
import TestSupport

#if canImport(Foundation)
    import Foundation
#endif

/// Self-signed certificates, made once per test process.
enum Certificate {
    /// For `localhost`.
    static let shared = Result { try make("localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1") }
    /// For a name nobody here has.
    static let other = Result { try make("other.example", "subjectAltName=DNS:other.example") }

    struct Files: Sendable {
        let folder: TemporaryFolder
        var certificate: String { folder.file("localhost.pem") }
        var key: String { folder.file("localhost.key") }
    }

    private static func make(_ name: String, _ names: String) throws -> Files {
        let files = Files(folder: try TemporaryFolder("sluice-certificate"))
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=\(name)", "-addext", names, "-keyout", files.key, "-out", files.certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw OpenSSLFailed() }
        return files
    }

    struct OpenSSLFailed: Error {}
}
