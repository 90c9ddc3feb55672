import Foundation
import Outbound
import TestCertificates
import Testing

@Suite(.timeLimit(.minutes(2))) struct TLSTrustTests {
    @Test func `TLS is 1_2 or newer and names the server it wants`() async throws {
        let peers = try await HTTPPeers.shared()
        let said = try await peers.client().text(peers.nginxURL("sni"))
        #expect(said == "localhost TLSv1.3")
    }

    @Test func `an authority given as text is trusted like one in a file`() async throws {
        let peers = try await HTTPPeers.shared()
        let pem = try Data(contentsOf: URL(fileURLWithPath: peers.authority.certificatePath))
        let client = peers.client { $0.trust = .authoritiesPEM(Array(pem)) }
        #expect(try await client.text(peers.nginxURL("file/small.txt")) == "hello")
    }

    @Test func `servers of unknown authorities, or with another's name, are refused`() async throws {
        let peers = try await HTTPPeers.shared()
        let otherAuthority = TLSTrust.authorities(file: peers.other.authorityPath)
        try await expectTLSFailure(peers.nginxURL("number"), .system)
        try await expectTLSFailure(peers.nginxURL("number"), otherAuthority)
        try await expectTLSFailure(peers.nginxURL("number", port: "other"), nil)
        // Its certificate is for elsewhere.example and 127.0.0.1.
        try await expectTLSFailure(peers.nginxURL("number", port: "other"), otherAuthority)
        try await expectTLSFailure(peers.nginxURL("number"), .authorities(file: "/nowhere.pem"))
        try await expectTLSFailure(peers.nginxURL("number"), .authoritiesPEM(Array("rubbish".utf8)))
        try await expectTLSFailure(peers.nginxURL("number"), .authoritiesPEM([]))
    }

    @Test func `a pinned key is enough, and a wrong one is refused`() async throws {
        let peers = try await HTTPPeers.shared()
        let pin = try pin(of: peers.other.certificatePath)
        let url = peers.nginxURL("number", port: "other")
        let wrongPin = "sha256//" + String(repeating: "A", count: 43) + "="
        let pinned = HTTPRequest(.get, url, trust: .pinned(publicKeys: [wrongPin, pin]))
        #expect(try await peers.client().send(pinned).status == 200)
        try await expectTLSFailure(peers.nginxURL("number"), .pinned(publicKeys: [pin]))
        try await expectTLSFailure(url, .pinned(publicKeys: []))
        try await expectTLSFailure(url, .pinned(publicKeys: ["/etc/passwd"]))
    }

    @Test func `only the explicit last resort accepts anyone`() async throws {
        let peers = try await HTTPPeers.shared()
        let request = HTTPRequest(.get, peers.nginxURL("number", port: "other"), trust: .unverified)
        #expect(try await peers.client().send(request).status == 200)
    }

    @Test func `a connection opened without trust is not used by a request that wants it`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let url = peers.nginxURL("number", port: "other")
        let blind = try await client.send(HTTPRequest(.get, url, trust: .unverified))
        _ = try await blind.body.collect(upTo: 1000)
        await #expect(throws: OutboundError.self) { try await client.text(url) }
        let pin = try pin(of: peers.other.certificatePath)
        _ = try await client.send(HTTPRequest(.get, url, trust: .pinned(publicKeys: [pin]))).body.collect(upTo: 1000)
        await #expect(throws: OutboundError.self) { try await client.text(url) }
    }

    @Test func `a server that speaks no TLS is a fault of TLS`() async throws {
        let peers = try await HTTPPeers.shared()
        try await expectTLSFailure(peers.oddURL("echo").replacing("http:", with: "https:"), nil)
    }

    private func expectTLSFailure(_ url: String, _ trust: TLSTrust?) async throws {
        let peers = try await HTTPPeers.shared()
        do throws(OutboundError) {
            let response = try await peers.client().send(HTTPRequest(.get, url, trust: trust))
            Issue.record("\(url) answered \(response.status) with trust \(String(describing: trust))")
        } catch {
            #expect(error.kind == "tls", "\(error)")
        }
    }

    /// As the manual would have a person make it.
    private func pin(of certificate: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            "openssl x509 -in '\(certificate)' -noout -pubkey | openssl pkey -pubin -outform der"
                + " | openssl dgst -sha256 -binary | openssl enc -base64",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return "sha256//" + String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
