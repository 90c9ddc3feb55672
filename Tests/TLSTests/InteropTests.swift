import Foundation
import NIOCore
import NIOPosix
import TestCertificates
import Testing

@testable import TLS

/// Against other people's TLS, over real sockets.
@Suite(.serialized) struct InteropTests {
    @Test func `openssl as a client is served, with its certificate`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let said = try await Peer.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-quiet", "-verify_return_error"]
                + ["-cert", parties.client.certificatePath, "-key", parties.client.keyPath]
                + ["-CAfile", parties.authority.certificatePath], input: "hello from openssl\n",
            until: "hello from openssl\n")
        #expect(said.contains("hello from openssl"))
        #expect(server.peers.contains("spiffe://test.sluice/svc/importer/1"))
        try await server.stop()
    }

    @Test func `openssl without a certificate, or below TLS 1.3, is refused`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let address = ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-quiet"]
        _ = try await Peer.run(address + ["-CAfile", parties.authority.certificatePath], input: "hello\n", until: nil)
        let mine = ["-cert", parties.client.certificatePath, "-key", parties.client.keyPath]
        _ = try await Peer.run(address + mine + ["-tls1_2"], input: "hello\n", until: nil)
        // A weak key or signature is refused whatever the peer thinks of it.
        var weak = CertificateRequest(uris: ["spiffe://test.sluice/svc/importer/1"])
        weak.keyArguments = ["-newkey", "rsa:1024"]
        var old = CertificateRequest(uris: ["spiffe://test.sluice/svc/importer/1"])
        old.digest = "-sha1"
        for request in [weak, old] {
            let shown = try parties.authority.issue(request)
            let arguments = ["-cert", shown.certificatePath, "-key", shown.keyPath, "-cipher", "DEFAULT@SECLEVEL=0"]
            _ = try await Peer.run(address + arguments, input: "hello\n", until: nil)
        }
        #expect(
            try await server.faults(4) == [
                .certificateMissing, .versionUnsupported, .certificateKeyTooSmall, .certificateDigestTooWeak,
            ])
        #expect(server.peers.isEmpty)
        try await server.stop()
    }

    @Test func `our client is served by openssl`() async throws {
        let parties = try TestParties.shared.get()
        let peer = try await Peer.serve { port in
            ["openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-rev", "-Verify", "1", "-verify_return_error"]
                + ["-cert", parties.server.certificatePath, "-key", parties.server.keyPath]
                + ["-CAfile", parties.authority.certificatePath, "-naccept", "1"]
        }
        let answer = try await EchoClient.exchange("abcdef\n", with: peer.port, parties.client.mutual)
        #expect(answer.contains("fedcba"))
        peer.stop()
    }

    @Test func `Python as a client, in pieces of every size, and as a server`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let files = [parties.client.certificatePath, parties.client.keyPath, parties.authority.certificatePath]
        let said = try await Peer.run(
            ["python3", "-c", PythonPeer.client, "\(server.port)"] + files, input: "", until: nil)
        #expect(said.contains("echoed 300000 over TLSv1.3"))
        try await server.stop()

        let its = [parties.server.certificatePath, parties.server.keyPath, parties.authority.certificatePath]
        let peer = try await Peer.serve { ["python3", "-c", PythonPeer.server, "\($0)"] + its }
        let answer = try await EchoClient.exchange("to python\n", with: peer.port, parties.client.mutual)
        #expect(answer == "to python\n")
        peer.stop()
    }

    @Test func `curl is served in server-only mode, by TLS 1.2 and 1.3`() async throws {
        let authority = try TestParties.shared.get().authority
        let own = try authority.webServer()
        let server = try await EchoServer(
            .serverOnly(certificateChainPath: own.certificatePath, privateKeyPath: own.keyPath), answersHTTP: true)
        for version in ["1.2", "1.3"] {
            let said = try await Peer.run(
                ["curl", "-s", "--tlsv\(version)", "--tls-max", version, "--cacert", authority.certificatePath]
                    + ["https://localhost:\(server.port)/"], input: "", until: nil)
            #expect(said == "served")
        }
        let refused = try await Peer.run(
            ["curl", "-s", "-w", "%{ssl_verify_result}", "https://localhost:\(server.port)/"], input: "", until: nil)
        #expect(!refused.contains("served"))
        try await server.stop()
    }
}

/// Programs in another language.
private enum PythonPeer {
    static let client = """
        import socket, ssl, sys, random
        port, cert, key, ca = sys.argv[1:5]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(ca)
        context.load_cert_chain(cert, key)
        random.seed(5)
        data = random.randbytes(300000)
        with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as plain:
            with context.wrap_socket(plain) as tls:
                back, sent = b"", 0
                while sent < len(data):
                    size = random.choice([1, 100, 5000, 40000])
                    tls.sendall(data[sent:sent + size])
                    sent += size
                    if len(back) < sent - 60000: back += tls.recv(65536)
                while len(back) < len(data): back += tls.recv(65536)
                assert back == data
                print("echoed", len(back), "over", tls.version())
                tls.unwrap()
        """

    static let server = """
        import socket, ssl, sys
        port, cert, key, ca = sys.argv[1:5]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
        context.load_cert_chain(cert, key)
        listener = socket.create_server(("127.0.0.1", int(port)))
        print("ACCEPT", flush=True)
        while True:
            plain, _ = listener.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as tls:
                    tls.sendall(tls.recv(100))
                    tls.unwrap()
            except OSError: pass
        """
}
