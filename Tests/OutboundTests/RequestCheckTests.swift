import CoreTypes
import Outbound
import Testing

/// What is refused before the network hears of it, or at the last moment before connecting.
@Suite(.timeLimit(.minutes(2))) struct RequestCheckTests {
    /// Hosts that lead back here. The form tells which of the two guards must catch it.
    static let ownHosts = [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1",
        "017700000001", "0", "0.0.0.0", "127.0.0.1.", "10.1", "167772161", "0xa9fea9fe", "2852039166",
        "169.254.169.254",
        "0251.0376.0251.0376", "192.168.1", "3232235777", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[fe80::1]",
        "[fd00:ec2::254]", "[::127.0.0.1]", "localhost", "LOCALHOST", "localhost.", "anything.localhost",
        "ip6-localhost", "%31%32%37.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "127.0.0.1%20", "[::1%25lo]",
        "0x7f.0x0.0x0.0x1", "000177.0.0.1", "127.0x0.1", "256.256.256.256", "1.2.3.4.5", "-127.0.0.1", "127.0.0.1-",
    ]

    @Test(arguments: ownHosts)
    func `no way of writing this host, or a host that is none, connects`(host: String) async throws {
        let peers = try await HTTPPeers.shared()
        let path = "canary-\(abs(host.hashValue))"
        let client = peers.client { $0.addresses = .publicOnly }
        let error = await failure(client, "http://\(host):\(peers.odd.ports["port"] ?? 0)/\(path)")
        let kinds = ["refusedAddress", "invalidRequest", "name"]
        #expect(kinds.contains(error?.kind ?? "answered"), "\(host): \(String(describing: error))")
        #expect(try await peers.client().text(peers.oddURL("count/\(path)")) == "0")
    }

    @Test func `the operator's exception opens exactly its addresses`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.addresses = .publicAnd([AddressRange("127.0.0.1")].compactMap { $0 }) }
        #expect(try await client.text(peers.oddURL("echo", host: "localhost")).contains("GET"))
        #expect(await failure(client, peers.oddURL("echo", host: "127.0.0.2")) == .refusedAddress("127.0.0.2"))
    }

    @Test(arguments: [
        "https://user@example.com/", "https://user:password@example.com/", "https://:@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd", "gopher://example.com/", "http://example.com/", "example.com", "//example.com/",
        "https://",
        "https:///path", "", "https://exa mple.com/", "https://example.com/a b", "https://example.com/a\r\nX: y",
        "https://example.com/\u{0}", "https://example.com:0x50/", "https://example.com:99999/", "https://example.com/ø",
        "https://exa_mple..com/", "https://-example.com/", "https://example.com\\@other.example/",
        "dict://127.0.0.1:11211/",
        "https://" + String(repeating: "a", count: 64) + ".example/",
        "https://example.com/" + String(repeating: "a", count: 9000),
    ])
    func `a URL with anything odd in it is refused`(url: String) async throws {
        #expect(await failure(HTTPClient(HTTPClientConfiguration()), url)?.kind == "invalidRequest", "\(url)")
    }

    @Test func `only the ports allowed are connected to, the scheme's own included`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.allowedPorts = [443, peers.odd.ports["port"] ?? 0] }
        #expect(await failure(client, peers.oddURL("echo")) == nil)
        #expect(await failure(client, peers.nginxURL("number"))?.kind == "invalidRequest")
        #expect(await failure(client, "http://127.0.0.1/")?.kind == "invalidRequest")
    }

    @Test(arguments: [
        ("X", "a\r\nInjected: yes"), ("X", "a\nInjected: yes"), ("X", "a\rb"), ("X", "a\u{0}b"), ("X", "ø"),
        ("X", "a\u{7F}"),
        ("X\r\nY", "a"), ("X Y", "a"), ("X:", "a"), ("", "a"), ("Ø", "a"), ("Content-Length", "5"),
        ("transfer-encoding", "chunked"), ("Host", "other.example"), ("Connection", "close"),
        ("Expect", "100-continue"),
    ])
    func `a header that could become something else is refused`(name: String, value: String) async throws {
        let peers = try await HTTPPeers.shared()
        let request = HTTPRequest(.get, peers.oddURL("injected"), headers: [HTTPHeader(name, value)])
        let error = await #expect(throws: OutboundError.self) { try await peers.client().send(request) }
        #expect(error?.kind == "invalidRequest")
    }

    @Test(arguments: ["", "get", "GET /", "GET\r\n", "GETGETGETGETGETGETGET"])
    func `a method that is no word is refused`(method: String) async throws {
        let peers = try await HTTPPeers.shared()
        let request = HTTPRequest(HTTPMethod(rawValue: method), peers.oddURL("echo"))
        let error = await #expect(throws: OutboundError.self) { try await peers.client().send(request) }
        #expect(error?.kind == "invalidRequest")
    }

    @Test func `no secret prints with its request, header or error`() {
        let headers = [HTTPHeader("Authorization", Secret("canary-1")), HTTPHeader("Accept", "text/plain")]
        let request = HTTPRequest(
            .post, "https://example.com/login?key=canary-2", headers: headers,
            body: .secret(Secret(Array("canary-3".utf8))))
        var dumped = ""
        dump(request.headers, to: &dumped)
        dump(request.body, to: &dumped)
        let printed =
            "\(request) \(headers) \(OutboundError.redirect(status: 302, to: "https://x/?k=canary-4"))" + dumped
        #expect(!printed.contains("canary"))
        #expect(!printed.contains("99, 97, 110"))
        #expect(printed.contains("Accept: text/plain"))
    }

    @Test func `an international name is asked for in its wire form`() async {
        let client = HTTPClient(HTTPClientConfiguration())
        #expect(await failure(client, "https://Mælk-og-Smør.invalid/") == .name(host: "xn--mlk-og-smr-d6a8t.invalid"))
    }

    private func failure(_ client: HTTPClient, _ url: String) async -> OutboundError? {
        do throws(OutboundError) {
            _ = try await client.send(HTTPRequest(.get, url)).body.collect(upTo: 1_000_000)
            return nil
        } catch {
            return error
        }
    }
}
