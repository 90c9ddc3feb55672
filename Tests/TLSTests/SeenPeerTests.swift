import Foundation
import NIOCore
import TestCertificates
import Testing

@testable import TLS

/// A context remembers the chains it found good; nothing may become acceptable by that.
@Suite struct SeenPeerTests {
    private func text(_ date: Date) -> String {
        let parts = Calendar(identifier: .gregorian).dateComponents(in: TimeZone(secondsFromGMT: 0) ?? .gmt, from: date)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        return "\(parts.year ?? 0)" + two(parts.month) + two(parts.day) + two(parts.hour) + two(parts.minute)
            + two(parts.second) + "Z"
    }

    @Test func `a peer seen before is refused from the second on in which its certificate runs out`() throws {
        let authority = try TestAuthority()
        let server = try TLSContext(authority.service("scheduler").mutual)
        var request = CertificateRequest(uris: ["spiffe://test.sluice/svc/importer/1"])
        let end = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 6).rounded(.down))
        request.validity = (from: "20250101000000Z", to: text(end))
        let client = try TLSContext(authority.issue(request).mutual)
        var accepted = 0
        // Six seconds of handshakes, because the certificate's time is the machine's.
        while true {
            let begin = Date()
            let pair = try Pair(client: client, server: server)
            try pair.connect()
            if pair.atServer.handshake != nil {
                accepted += 1
                // OpenSSL asks the clock that is read in passing, which is some milliseconds late.
                try #require(begin < end.addingTimeInterval(0.1), "accepted although it had run out")
            } else {
                #expect(pair.atServer.errors.map(\.reason) == [.certificateExpired])
                #expect(Date() >= end)
                break
            }
        }
        #expect(accepted > 1)
    }

    @Test func `more peers than are remembered are all accepted, and a stranger never is`() throws {
        let authority = try TestAuthority()
        let server = try TLSContext(authority.service("scheduler").mutual)
        let clients = try (1...70).map { try TLSContext(authority.service("importer", instance: "\($0)").mutual) }
        for _ in 0..<2 {
            for (index, client) in clients.enumerated() {
                let pair = try Pair(client: client, server: server)
                try pair.connect()
                #expect(
                    pair.atServer.handshake?.peer?.kind == .service(name: "importer", instance: "\(index + 1)"))
            }
        }
        let stranger = try TestAuthority().service("importer")
        let pair = try Pair(client: TLSContext(stranger.mutual, checksItself: false), server: server)
        try pair.connect()
        #expect(pair.atServer.handshake == nil)
        #expect(!pair.atServer.errors.isEmpty)
    }

    @Test func `a service seen as a client is still judged as a server, and a person still is none`() throws {
        let authority = try TestAuthority()
        let context = try TLSContext(authority.service("scheduler").mutual)
        let person = try TLSContext(authority.person("anna").mutual)
        let asClient = try Pair(client: person, server: context)
        try asClient.connect()
        #expect(asClient.atServer.handshake != nil)
        let asServer = try Pair(client: context, server: person)
        try asServer.connect()
        #expect(asServer.atClient.handshake == nil)
    }
}
