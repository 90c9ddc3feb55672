import Testing

@testable import TLS

@Suite struct SPIFFEIdentityTests {
    @Test func `a service's name is read whole`() throws {
        let identity = try SPIFFEIdentity(Array("spiffe://sluice.internal/svc/importer/eu-1".utf8))
        #expect(identity.trustDomain == "sluice.internal")
        #expect(identity.kind == .service(name: "importer", instance: "eu-1"))
        #expect(identity.uri == "spiffe://sluice.internal/svc/importer/eu-1")
    }

    @Test func `an operator's name is read whole`() throws {
        let identity = try SPIFFEIdentity(Array("spiffe://sluice.internal/operator/anna".utf8))
        #expect(identity.kind == .operator(name: "anna"))
    }

    @Test(arguments: [
        "", "spiffe://", "spiffe:///svc/a/1", "https://sluice.internal/svc/a/1", "SPIFFE://sluice.internal/svc/a/1",
        "spiffe://Sluice.internal/svc/a/1", "spiffe://sluice.internal:443/svc/a/1",
        "spiffe://u@sluice.internal/svc/a/1",
        "spiffe://sluice.internal", "spiffe://sluice.internal/", "spiffe://sluice.internal/svc",
        "spiffe://sluice.internal/svc/a", "spiffe://sluice.internal/svc/a/", "spiffe://sluice.internal/svc//1",
        "spiffe://sluice.internal/svc/a/1/", "spiffe://sluice.internal/svc/a/1/2", "spiffe://sluice.internal/svc/./1",
        "spiffe://sluice.internal/svc/../1", "spiffe://sluice.internal/svc/a/..", "spiffe://sluice.internal/svc/%61/1",
        "spiffe://sluice.internal/svc/a%2e/1", "spiffe://sluice.internal/svc/a/1?x=1",
        "spiffe://sluice.internal/svc/a/1#x",
        "spiffe://sluice.internal/svc/a/1\0", "spiffe://sluice.internal/svc/a\0/1", "spiffe://sluice.internal/svc/ä/1",
        "spiffe://sluice.internal/Svc/a/1", "spiffe://sluice.internal/operator", "spiffe://sluice.internal/operator/",
        "spiffe://sluice.internal/operator/a/b", "spiffe://sluice.internal//svc/a/1",
        " spiffe://sluice.internal/svc/a/1",
    ])
    func `a name that is not exactly of the two forms is refused`(text: String) {
        #expect(throws: TLSError.self) { try SPIFFEIdentity(Array(text.utf8)) }
    }

    @Test func `a name may have 2048 bytes and not one more`() throws {
        let start = "spiffe://sluice.internal/svc/importer/"
        let longest = start + String(repeating: "a", count: 2048 - start.utf8.count)
        #expect(try SPIFFEIdentity(Array(longest.utf8)).uri == longest)
        #expect(throws: TLSError.self) { try SPIFFEIdentity(Array((longest + "a").utf8)) }
    }
}
