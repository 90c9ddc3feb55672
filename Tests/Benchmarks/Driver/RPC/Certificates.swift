import Foundation

/// An authority and two leaves, made anew for each run: EC P-256, good for every candidate.
///
/// The URI is who Sluice's peers are; the name in DNS is what gRPC looks at.
final class Certificates {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Program.run(
            "openssl",
            newKey + ["-x509", "-days", "2", "-subj", "/CN=Benchmark authority"]
                + ["-keyout", path("authority.key"), "-out", path("authority.pem")]
                + ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        try leaf("server", service: "stock", serial: 1)
        try leaf("client", service: "shop", serial: 2)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private let newKey = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256"]

    private func path(_ file: String) -> String { folder.appending(path: file).path }

    private func leaf(_ name: String, service: String, serial: Int) throws {
        let extensions = """
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=serverAuth,clientAuth
            subjectAltName=URI:spiffe://benchmark/svc/\(service)/1,DNS:localhost
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            """
        try extensions.write(toFile: path("\(name).extensions"), atomically: false, encoding: .utf8)
        try Program.run(
            "openssl",
            newKey + ["-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).request")])
        try Program.run(
            "openssl",
            ["x509", "-req", "-in", path("\(name).request"), "-CA", path("authority.pem")]
                + ["-CAkey", path("authority.key"), "-set_serial", "\(serial)", "-days", "2", "-sha256"]
                + ["-extfile", path("\(name).extensions"), "-out", path("\(name).pem")])
    }
}
