import NIOCore
import TestCertificates
import Testing

@testable import TLS

/// What the certificate matrix cannot hold in memory: keys and signatures our own library refuses to load, and revoked
/// ones. A client without any is in `InteropTests`.
@Suite(.serialized) struct WeakCertificateTests {
    @Test func `our client refuses a server with a short key or an old signature`() async throws {
        let parties = try TestParties.shared.get()
        for (change, reason) in Self.weak {
            var request = CertificateRequest(uris: ["spiffe://test.sluice/svc/scheduler/1"])
            change(&request)
            let shown = try parties.authority.issue(request)
            let peer = try await Peer.serve { port in
                ["openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-rev", "-cipher", "DEFAULT@SECLEVEL=0"]
                    + ["-cert", shown.certificatePath, "-key", shown.keyPath]
            }
            let error = await #expect(throws: TLSError.self) {
                try await EchoClient.exchange("a request\n", with: peer.port, parties.client.mutual)
            }
            #expect(error?.reason == reason, "\(String(describing: error))")
            peer.stop()
        }
    }

    private static let weak: [(change: @Sendable (inout CertificateRequest) -> Void, reason: TLSError.Reason)] = [
        ({ $0.keyArguments = ["-newkey", "rsa:1024"] }, .certificateKeyTooSmall),
        ({ $0.digest = "-sha1" }, .certificateDigestTooWeak),
    ]

    @Test func `a revoked certificate is refused in both directions`() throws {
        let authority = try TestAuthority()
        let (server, client) = (try authority.service("scheduler"), try authority.service("importer"))
        for (revoked, listens) in [(client, "server"), (server, "client")] {
            let list = try authority.revocationList([revoked])
            let pair = try Pair(
                client: TLSContext(client.mutual(revocationList: listens == "client" ? list : nil)),
                server: TLSContext(server.mutual(revocationList: listens == "server" ? list : nil)))
            try pair.connect()
            let told = listens == "client" ? pair.atClient : pair.atServer
            #expect(told.errors.map(\.reason) == [.certificateRevoked])
            let other = listens == "client" ? pair.atServer : pair.atClient
            #expect(other.errors.map(\.reason) == [.refusedByPeer])
        }
    }

    @Test func `each fault of the matrix is told in words of its own, by both ends`() throws {
        let parties = try TestParties.shared.get()
        var told: (server: [String: String], client: [String: String]) = ([:], [:])
        // For both the same is missing.
        for bad in CertificateMatrixTests.bad where bad.name != "only a host name" {
            let asClient = try TLSContext(bad.issue(for: "importer").matrixConfiguration, checksItself: false)
            let served = try Pair(client: asClient, server: TLSContext(parties.server.mutual))
            try served.connect()
            let atServer = try #require(served.atServer.errors.first).description
            #expect(told.server.updateValue(bad.name, forKey: atServer) == nil, "\(bad.name): \(atServer)")
            let asServer = try TLSContext(bad.issue(for: "scheduler").matrixConfiguration, checksItself: false)
            let called = try Pair(client: TLSContext(parties.client.mutual), server: asServer)
            try called.connect()
            let atClient = try #require(called.atClient.errors.first).description
            #expect(told.client.updateValue(bad.name, forKey: atClient) == nil, "\(bad.name): \(atClient)")
        }
        #expect(told.server.count >= 24 && told.client.count >= 24)
    }

    /// A name beside the two forms that is bytes and no text: read whole, or refused, never cut off.
    @Test(arguments: [
        "spiffe://test.sluice/svc/importer/1?a=b", "spiffe://test.sluice/svc/importer/1;x",
        "spiffe://user@test.sluice/svc/importer/1", "spiffe://test.sluice:443/svc/importer/1",
        "spiffe:///svc/importer/1", "spiffe://test.sluice/svc//1", "spiffe://test.sluice/svc/importer",
        "spiffe://test.sluice/svc/importer/1/2", "spiffe://test.sluice/svc/./1", "spiffe://test.sluice/svc/%2e%2e/1",
        "SPIFFE://test.sluice/svc/importer/1", "spiffe://test.sluice/operator/anna/svc", "spiffe://test.sluice",
    ])
    func `a name that only looks like one of ours is refused by both ends`(name: String) throws {
        let parties = try TestParties.shared.get()
        let shown = try TLSContext(
            parties.authority.issue(CertificateRequest(uris: [name])).mutual, checksItself: false)
        let served = try Pair(client: shown, server: TLSContext(parties.server.mutual))
        try served.connect()
        #expect(served.atServer.errors.map(\.reason) == [.identityMalformed])
        let called = try Pair(client: TLSContext(parties.client.mutual), server: shown)
        try called.connect()
        #expect(called.atClient.errors.map(\.reason) == [.identityMalformed])
    }

    /// The limit is a second for 100,000 entries.
    @Test func `a list of 100,000 revoked certificates is read in a second and still found in`() throws {
        let authority = try TestAuthority()
        let (server, client) = (try authority.service("scheduler"), try authority.service("importer"))
        let list = try authority.revocationList([client], alsoRevoked: 100_000)
        let began = ContinuousClock.now
        let context = try TLSContext(server.mutual(revocationList: list))
        let took = began.duration(to: .now)
        print("revocation list: 100,000 entries read in \(took)")
        #expect(took < .seconds(5))
        let pair = try Pair(client: TLSContext(client.mutual), server: context)
        try pair.connect()
        #expect(pair.atServer.errors.map(\.reason) == [.certificateRevoked])
    }
}

extension TestCertificate {
    fileprivate var matrixConfiguration: TLSConfiguration {
        get throws { mutual(trusting: try TestParties.authority.get().certificatePath) }
    }
}
