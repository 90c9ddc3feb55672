import Foundation
import Outbound
import TestCertificates
import TestSupport

/// One authority and one of each peer for all tests of HTTP; they are started when the first test asks.
struct HTTPPeers: Sendable {
    let authority: TestAuthority
    let nginx: PeerProcess
    let odd: PeerProcess
    let oddTLS: PeerProcess
    let folder: TemporaryFolder
    /// The server certificate of nginx's port `other`: of another authority.
    let other: TestCertificate

    private static let started = Task { try await HTTPPeers() }

    static func shared() async throws -> HTTPPeers { try await started.value }

    private init() async throws {
        authority = try TestAuthority()
        let certificate = try authority.webServer("localhost")
        other = try TestAuthority().webServer("elsewhere.example")
        folder = try TemporaryFolder()
        try folder.write("small.txt", Array("hello".utf8))
        try folder.write("large.bin", Self.large)
        try folder.write("slow.bin", Array(Self.large.prefix(130_000)))
        nginx = try await PeerProcess(
            "run_nginx.py",
            [folder.url.path, certificate.certificatePath, certificate.keyPath, other.certificatePath, other.keyPath])
        odd = try await PeerProcess("odd_http.py")
        oddTLS = try await PeerProcess("odd_http.py", [certificate.certificatePath, certificate.keyPath])
    }

    /// Five million bytes without a pattern a compressor could hide a mix-up behind.
    static let large: [UInt8] = {
        var random = Seeded(state: 7)
        return (0..<625_000).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }()

    func nginxURL(_ path: String, port: String = "tls", host: String = "localhost") -> String {
        "https://\(host):\(nginx.ports[port] ?? 0)/\(path)"
    }

    func oddURL(_ path: String, host: String = "127.0.0.1") -> String {
        "http://\(host):\(odd.ports["port"] ?? 0)/\(path)"
    }

    /// A client that may talk to this machine.
    func client(_ adjust: (inout HTTPClientConfiguration) -> Void = { _ in }) -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.addresses = .publicAnd(["127.0.0.0/8", "::1"].compactMap { AddressRange($0) })
        configuration.allowsPlainHTTP = true
        configuration.trust = .authorities(file: authority.certificatePath)
        adjust(&configuration)
        return HTTPClient(configuration)
    }
}

extension HTTPClient {
    /// The body of a GET as text.
    func text(_ url: String) async throws -> String {
        let response = try await send(HTTPRequest(.get, url))
        return String(decoding: try await response.body.collect(upTo: 10_000_000), as: UTF8.self)
    }
}

/// What the odd server says it got.
struct Echo: Decodable {
    var line: String
    var fields: [String]
    var body: String
    var connection: Int
}
