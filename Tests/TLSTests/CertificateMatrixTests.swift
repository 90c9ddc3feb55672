import NIOCore
import NIOEmbedded
import TestCertificates
import Testing

@testable import TLS

/// One way in which a certificate is wrong, and what must be said about it.
struct BadCertificate: Sendable, CustomTestStringConvertible {
    let name: String
    let reason: TLSError.Reason
    /// A part of the detail, where several faults share a reason.
    var detail = ""
    var authority = TestParties.authority
    let change: @Sendable (inout CertificateRequest) throws -> Void

    var testDescription: String { name }

    func issue(for service: String) throws -> TestCertificate {
        var request = CertificateRequest(uris: ["spiffe://test.sluice/svc/\(service)/1"])
        try change(&request)
        return try authority.get().issue(request)
    }
}

extension TestParties {
    static let authority = shared.map(\.authority)
    static let otherAuthority = Result { try TestAuthority() }
}

@Suite struct CertificateMatrixTests {
    static let bad: [BadCertificate] = [
        .init(name: "expired", reason: .certificateExpired) {
            $0.validity = ("20250101000000Z", "20250102000000Z")
        },
        .init(name: "not yet valid", reason: .certificateNotYetValid) {
            $0.validity = ("20480101000000Z", "20490101000000Z")
        },
        .init(name: "another authority", reason: .certificateUnknownIssuer, authority: TestParties.otherAuthority) {
            _ in
        },
        .init(name: "self-signed", reason: .certificateSelfSigned) { $0.isSelfSigned = true },
        .init(name: "an authority's own", reason: .certificateIsAuthority) {
            $0.constraints = "critical,CA:TRUE"
            $0.keyUsage = "critical,digitalSignature,keyCertSign"
        },
        .init(name: "may sign certificates", reason: .certificateMaySign) {
            $0.keyUsage = "critical,digitalSignature,keyCertSign"
        },
        .init(name: "may sign lists", reason: .certificateMaySign, detail: "revocation lists") {
            $0.keyUsage = "critical,digitalSignature,cRLSign"
        },
        .init(name: "may not sign digitally", reason: .certificateMayNotAuthenticate) {
            $0.keyUsage = "critical,keyAgreement"
        },
        .init(name: "no key usage", reason: .certificateMayNotAuthenticate) { $0.keyUsage = nil },
        .init(name: "no purposes", reason: .certificatePurposeMissing) { $0.purposes = nil },
        .init(name: "for mail only", reason: .certificatePurposeWrong) { $0.purposes = "emailProtection" },
        .init(name: "no names", reason: .identityMissing) { $0.uris = [] },
        .init(name: "only a host name", reason: .identityMissing) {
            $0.uris = []
            $0.otherNames = ["DNS:scheduler.test.sluice"]
        },
        .init(name: "two names", reason: .identityAmbiguous) { $0.uris.append("spiffe://test.sluice/svc/billing/1") },
        .init(name: "another trust domain", reason: .identityForeignDomain) {
            $0.uris = [$0.uris[0].replacing("test.sluice", with: "other.sluice")]
        },
        .init(name: "a trust domain that only begins alike", reason: .identityForeignDomain) {
            $0.uris = [$0.uris[0].replacing("test.sluice", with: "test.sluice.evil")]
        },
        .init(name: "a web address", reason: .identityMalformed, detail: "spiffe://") {
            $0.uris = ["https://test.sluice/svc/scheduler/1"]
        },
        .init(name: "dots in the path", reason: .identityMalformed, detail: "'..'") {
            $0.uris = ["spiffe://test.sluice/svc/../scheduler"]
        },
        .init(name: "an escaped character", reason: .identityMalformed, detail: "letters") {
            $0.uris = ["spiffe://test.sluice/svc/schedule%72/1"]
        },
        .init(name: "a slash at the end", reason: .identityMalformed, detail: "empty part") { $0.uris[0] += "/" },
        .init(name: "capitals in the trust domain", reason: .identityMalformed, detail: "a-z") {
            $0.uris = [$0.uris[0].replacing("test", with: "Test")]
        },
        .init(name: "neither service nor person", reason: .identityMalformed, detail: "/operator/") {
            $0.uris = ["spiffe://test.sluice/robot/scheduler/1"]
        },
        .init(name: "2049 bytes", reason: .identityMalformed, detail: "2048") {
            $0.uris[0] += String(repeating: "a", count: 2049 - $0.uris[0].utf8.count)
        },
        .init(name: "an unknown critical extension", reason: .certificateExtensionUnknown) {
            $0.extraExtensions = ["1.2.3.4.5 = critical,ASN1:UTF8String:must be understood"]
        },
        .init(name: "no key identifiers", reason: .certificateMalformed) { $0.hasKeyIdentifiers = false },
        .init(name: "signed by one without authority", reason: .certificateIssuerWithoutAuthority) {
            $0.issuer = try TestParties.authority.get().service("billing")
        },
    ]

    @Test(arguments: bad)
    func `a server refuses a client whose certificate is wrong, and says why`(_ bad: BadCertificate) throws {
        let pair = try Pair(
            client: TLSContext(bad.issue(for: "importer").shown, checksItself: false),
            server: TLSContext(TestParties.shared.get().server.mutual))
        let write = pair.client.writeAndFlush(ByteBuffer(string: "a request"))
        try pair.connect()
        let error = try #require(pair.atServer.errors.first)
        #expect(error.reason == bad.reason, "\(error)")
        #expect(error.detail.contains(bad.detail), "\(error)")
        #expect(pair.atServer.handshake == nil)
        #expect(pair.atServer.received.readableBytes == 0)
        #expect(pair.atServer.isInactive && pair.atClient.isInactive)
        // TLS 1.3 lets a client finish before it hears of the refusal; it does hear of it.
        #expect(pair.atClient.errors.map(\.reason) == [.refusedByPeer])
        _ = write
    }

    @Test(arguments: bad)
    func `a client refuses a server whose certificate is wrong, and sends nothing`(_ bad: BadCertificate) throws {
        let pair = try Pair(
            client: TLSContext(TestParties.shared.get().client.mutual),
            server: TLSContext(bad.issue(for: "scheduler").shown, checksItself: false), expecting: "scheduler")
        let write = pair.client.writeAndFlush(ByteBuffer(string: "a request"))
        try pair.connect()
        let error = try #require(pair.atClient.errors.first)
        #expect(error.reason == bad.reason, "\(error)")
        #expect(error.detail.contains(bad.detail), "\(error)")
        #expect(throws: TLSError.self) { try write.wait() }
        #expect(pair.atServer.errors.map(\.reason) == [.refusedByPeer])
        #expect(pair.atServer.received.readableBytes == 0)
    }

    @Test(arguments: bad)
    func `a service does not start with a certificate its peers would refuse`(_ bad: BadCertificate) throws {
        let configuration = try bad.issue(for: "scheduler").shown
        let error = #expect(throws: TLSError.self) { try TLSContext(configuration) }
        #expect(error?.reason == .ownCertificateUnusable)
        #expect(error?.detail.contains(bad.reason.rawValue) == true, "\(String(describing: error))")
    }

    @Test func `each fault is told apart from the others`() {
        let told = Set(Self.bad.map { $0.reason.rawValue + $0.detail })
        // Only where the same rule is broken in two ways is the same thing said: names, purposes, domains.
        #expect(told.count >= 20)
    }

    @Test func `a person may call but is no server`() throws {
        let parties = try TestParties.shared.get()
        let anna = try parties.authority.person("anna")
        let calling = try Pair(client: TLSContext(anna.mutual), server: TLSContext(parties.server.mutual))
        try calling.connect()
        #expect(calling.atServer.handshake?.peer?.kind == .operator(name: "anna"))

        let serving = try Pair(
            client: TLSContext(parties.client.mutual), server: TLSContext(anna.mutual, checksItself: false))
        try serving.connect()
        #expect(serving.atClient.errors.map(\.reason) == [.certificatePurposeWrong])
    }

    @Test func `without a certificate of its own, no context is made`() throws {
        let server = try TestParties.shared.get().server
        var configuration = server.mutual
        configuration.certificateChainPath = server.keyPath
        #expect(throws: TLSError.self) { try TLSContext(configuration) }
        configuration = server.mutual
        configuration.privateKeyPath = try TestParties.shared.get().client.keyPath
        #expect(#expect(throws: TLSError.self) { try TLSContext(configuration) }?.reason == .keyMismatch)
        configuration = server.mutual
        configuration.certificateAuthorityPath = "/nowhere/authority.pem"
        let error = #expect(throws: TLSError.self) { try TLSContext(configuration) }
        #expect(error?.reason == .fileUnreadable)
        #expect(error?.detail.contains("/nowhere/authority.pem") == true)
    }
}

extension TestCertificate {
    /// Shown by an end that itself trusts the right authority.
    fileprivate var shown: TLSConfiguration {
        get throws { mutual(trusting: try TestParties.authority.get().certificatePath) }
    }
}
