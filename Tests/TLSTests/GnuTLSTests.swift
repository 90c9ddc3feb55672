import Foundation
import NIOCore
import NIOPosix
import TestCertificates
import Testing

@testable import TLS

/// Against a third implementation, beside OpenSSL's and Python's in `InteropTests`.
@Suite(
    .serialized,
    .enabled(
        if: access("/usr/bin/gnutls-cli", X_OK) == 0 && access("/usr/bin/gnutls-serv", X_OK) == 0,
        "GnuTLS is not tried: install gnutls-bin."))
struct GnuTLSTests {
    @Test func `GnuTLS as a client is served, with its certificate`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let said = try await Peer.run(
            ["gnutls-cli", "--no-ca-verification", "-p", "\(server.port)", "127.0.0.1"]
                + ["--x509certfile", parties.client.certificatePath, "--x509keyfile", parties.client.keyPath],
            input: "hello from gnutls\n", until: "hello from gnutls\n")
        #expect(said.contains("(TLS1.3"))
        #expect(server.peers == ["spiffe://test.sluice/svc/importer/1"])
        try await server.stop()
    }

    @Test(arguments: ["NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT"])
    func `GnuTLS below TLS 1.3 is refused`(priority: String) async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        _ = try await Peer.run(
            ["gnutls-cli", "--no-ca-verification", "-p", "\(server.port)", "127.0.0.1", "--priority", priority]
                + ["--x509certfile", parties.client.certificatePath, "--x509keyfile", parties.client.keyPath],
            input: "hello\n", until: nil)
        #expect(try await server.faults(1) == [.versionUnsupported])
        try await server.stop()
    }

    @Test func `our client is served by GnuTLS, which asks for its certificate`() async throws {
        let parties = try TestParties.shared.get()
        let peer = try await Peer.serve { port in
            // It listens a moment after this.
            [
                "sh", "-c",
                "echo ACCEPT; exec gnutls-serv --echo --port \(port) --require-client-cert --verify-client-cert"
                    + " --x509certfile \(parties.server.certificatePath) --x509keyfile \(parties.server.keyPath)"
                    + " --x509cafile \(parties.authority.certificatePath)",
            ]
        }
        defer { peer.stop() }
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let probe = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: peer.port).get()
            if let probe {
                try await probe.close()
                break
            }
        }
        let answer = try await EchoClient.exchange("to gnutls\n", with: peer.port, parties.client.mutual)
        #expect(answer == "to gnutls\n")
    }
}
