import Foundation
import TestCertificates
import Testing

@testable import TLS

/// A peer that breaks the rules of TLS 1.3 in some 240 ways, made with tlslite-ng (`pip install tlslite-ng`).
@Suite(
    .serialized,
    .enabled(
        if: PythonLibrary.isThere("tlslite"),
        "Malformed handshakes are not tried: python3 has no tlslite-ng (pip install tlslite-ng)."))
struct MalformedPeerTests {
    @Test func `no broken handshake and no broken record is accepted, and the server serves on`() async throws {
        let parties = try TestParties.shared.get()
        let server = try await EchoServer(parties.server.mutual)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/malformed.py").path
        let said = try await Peer.run(
            ["python3", script, "\(server.port)", parties.client.certificatePath, parties.client.keyPath]
                + [parties.authority.certificatePath], input: "", until: nil)
        let cases = said.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        try #require(cases.count >= 200 && cases.allSatisfy { $0.count == 2 }, "\(said.suffix(2_000))")
        #expect(cases.first == ["accepted", "nothing"] && cases.last == ["accepted", "nothing, after all that"])
        for broken in cases.dropFirst().dropLast() {
            // Both ends hash what was sent: a hello with another random number is another hello, and no broken one.
            let isHarmless = broken[1].hasPrefix("ClientHello with bit")
            #expect(broken[0] != "accepted" || isHarmless, "\(broken[1])")
        }
        let count = { (outcome: String) in cases.count { $0[0] == outcome } }
        print("malformed peers: \(count("refused")) refused, \(count("waits")) wait, \(count("accepted")) accepted")
        #expect(count("refused") >= 200)
        try await server.stop()
    }
}

private enum PythonLibrary {
    static func isThere(_ name: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import \(name)"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
