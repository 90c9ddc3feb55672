import Foundation
import NIOCore
import TestCertificates
import TestSupport
import Testing

@testable import TLS

/// What scanners say about our server: TLS 1.3, authenticated encryption, and nothing else.
@Suite(.serialized) struct ScanTests {
    @Test(.enabled(if: access("/usr/bin/sslscan", X_OK) == 0, "sslscan is not tried: install sslscan."))
    func `sslscan finds TLS 1.3 with three suites and nothing older`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let said = try await Peer.run(
            ["sslscan", "--no-colour", "--certs=\(parties.client.certificatePath)", "--pk=\(parties.client.keyPath)"]
                + ["127.0.0.1:\(server.port)"], input: "", until: nil)
        let lines = said.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        for version in ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"] {
            #expect(lines.contains([version, "disabled"]), "\(version) in \(said)")
        }
        #expect(lines.contains(["TLSv1.3", "enabled"]), "\(said)")
        let suites = lines.filter { ["Preferred", "Accepted"].contains($0.first) }.compactMap { $0.dropFirst(4).first }
        #expect(
            Set(suites) == ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
            "\(said)")
        try await server.stop()
    }

    @Test(
        .enabled(if: access("/usr/bin/testssl", X_OK) == 0, "testssl is not tried: install testssl.sh."),
        .enabled(if: LongProof.count(0, long: 1) > 0, "testssl takes a minute or two: with compose/test --long."))
    func `testssl has nothing to find fault with`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let report = FileManager.default.temporaryDirectory.appending(path: "testssl-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: report) }
        // Of the certificate it would say that no public authority knows it, which is how it must be.
        _ = try await Peer.run(
            ["testssl", "--quiet", "--warnings", "off", "--color", "0", "--protocols", "--std", "--fs", "--vulnerable"]
                + ["--csvfile", report.path, "127.0.0.1:\(server.port)"], input: "", until: nil)
        let lines = try String(contentsOf: report, encoding: .utf8).split(separator: "\n").dropFirst()
        let rows = lines.map { $0.split(separator: "\",\"").map { $0.trimmingCharacters(in: ["\""]) } }
        #expect(rows.count > 30, "\(rows)")
        let faults = rows.filter { $0.count > 3 && ["LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL"].contains($0[3]) }
        #expect(faults.isEmpty, "\(faults)")
        try await server.stop()
    }
}
