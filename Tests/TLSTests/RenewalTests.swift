import Foundation
import NIOCore
import NIOEmbedded
import TestCertificates
import Testing

@testable import TLS

@Suite struct RenewalTests {
    @Test func `files replaced in place are used by the next connection, and only then`() throws {
        let files = try RenewableFiles()
        let source = try TLSContextSource(files.configuration)
        let before = source.current
        #expect(source.reloadIfChanged() == .unchanged)
        #expect(source.current === before)

        try files.install(try files.authority.service("scheduler", instance: "2"))
        #expect(source.reloadIfChanged() == .reloaded)
        #expect(source.reloadIfChanged() == .unchanged)
        let client = try TLSContext(files.authority.service("importer").mutual)
        let pair = try Pair(client: client, server: source.current)
        try pair.connect()
        #expect(pair.atClient.handshake?.peer?.kind == .service(name: "scheduler", instance: "2"))
    }

    @Test func `a bad file keeps the old context and is told at every look until it is mended`() throws {
        let files = try RenewableFiles()
        let source = try TLSContextSource(files.configuration)
        let before = source.current
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: files.configuration.certificateChainPath))
        for _ in 0..<2 {
            guard case .kept(let error) = source.reloadIfChanged() else {
                Issue.record("expected the old context to be kept")
                return
            }
            #expect(error.reason == .fileUnreadable)
            #expect(source.current === before)
        }
        try files.install(try files.authority.service("scheduler"))
        #expect(source.reloadIfChanged() == .reloaded)
    }

    @Test func `a key replaced before its certificate waits for it`() throws {
        let files = try RenewableFiles()
        let source = try TLSContextSource(files.configuration)
        let next = try files.authority.service("scheduler")
        try files.install(next, key: true, certificate: false)
        guard case .kept(let error) = source.reloadIfChanged() else {
            Issue.record("expected the old context to be kept")
            return
        }
        #expect(error.reason == .keyMismatch)
        try files.install(next)
        #expect(source.reloadIfChanged() == .reloaded)
    }

    @Test func `a revoked certificate is refused, on new and on live connections`() throws {
        let authority = try TestAuthority()
        let server = try authority.service("scheduler")
        let client = try authority.service("importer")
        let other = try authority.service("monitor")
        let none = try authority.revocationList([])
        let list = try authority.revocationList([client])
        let live = try Pair(
            client: TLSContext(client.mutual), server: TLSContext(server.mutual(revocationList: none)))
        try live.connect()
        #expect(live.atServer.handshake != nil)

        let newer = try TLSContext(server.mutual(revocationList: list))
        let refused = try Pair(client: TLSContext(client.mutual), server: newer)
        try refused.connect()
        #expect(refused.atServer.errors.map(\.reason) == [.certificateRevoked])
        let accepted = try Pair(client: TLSContext(other.mutual), server: newer)
        try accepted.connect()
        #expect(accepted.atServer.handshake != nil)

        let handler = try live.server.pipeline.syncOperations.handler(type: TLSHandler.self)
        try handler.verifyPeer(by: try TLSContext(server.mutual(revocationList: none)))
        #expect(#expect(throws: TLSError.self) { try handler.verifyPeer(by: newer) }?.reason == .certificateRevoked)
    }

    @Test func `an expired list refuses everybody, a foreign one too`() throws {
        let authority = try TestAuthority()
        let server = try authority.service("scheduler")
        let client = try authority.service("importer")
        let foreign = try TestAuthority()
        for (list, reason) in [
            (try authority.revocationList([], hoursValid: -1), TLSError.Reason.revocationListExpired),
            (try foreign.revocationList([]), .revocationListMissing),
        ] {
            let configuration = server.mutual(revocationList: list)
            let pair = try Pair(
                client: TLSContext(client.mutual), server: TLSContext(configuration, checksItself: false))
            try pair.connect()
            #expect(pair.atServer.errors.map(\.reason) == [reason])
            #expect(throws: TLSError.self) { try TLSContext(configuration) }
        }
        #expect(throws: TLSError.self) { try TLSContext(server.mutual(revocationList: server.keyPath)) }
    }

    @Test func `when the own certificate and the list run out can be asked`() throws {
        let authority = try TestAuthority()
        let list = try authority.revocationList([], hoursValid: 5)
        let context = try TLSContext(try authority.service("scheduler").mutual(revocationList: list))
        let now = Int64(Date().timeIntervalSince1970)
        #expect(abs(context.certificateExpiresAt - now - 10 * 86_400) < 120)
        #expect(abs(try #require(context.revocationListExpiresAt) - now - 5 * 3600) < 120)
    }
}

/// Certificate and key under fixed names, replaced as an operator would.
private struct RenewableFiles {
    let authority: TestAuthority
    let configuration: TLSConfiguration

    init() throws {
        authority = try TestAuthority()
        let first = try authority.service("scheduler")
        configuration = .mutual(
            trustDomain: authority.trustDomain, certificateChainPath: first.certificatePath + ".used",
            privateKeyPath: first.keyPath + ".used", certificateAuthorityPath: authority.certificatePath)
        try install(first)
    }

    func install(_ next: TestCertificate, key: Bool = true, certificate: Bool = true) throws {
        if key { try copy(next.keyPath, to: configuration.privateKeyPath) }
        if certificate { try copy(next.certificatePath, to: configuration.certificateChainPath) }
    }

    private func copy(_ source: String, to target: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target), options: .atomic)
    }
}
