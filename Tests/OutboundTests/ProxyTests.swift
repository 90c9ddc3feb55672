import CoreTypes
import Outbound
import Testing

@Suite(.timeLimit(.minutes(2))) struct ProxyTests {
    @Test func `requests go through the proxy, and TLS ends at the server`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.proxy = proxy(peers, "user:pass") }
        let response = try await client.send(HTTPRequest(.get, peers.nginxURL("file/small.txt")))
        #expect(response.headers["X-Proxy"] == nil)
        #expect(try await response.body.collect(upTo: 100) == Array("hello".utf8))
        #expect(try await peers.client().text(peers.oddURL("count/tunnels")) != "0")
    }

    @Test(arguments: [nil, "user:wrong"])
    func `a proxy that wants other credentials is a fault of the proxy`(credentials: String?) async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.proxy = proxy(peers, credentials) }
        await #expect { try await client.text(peers.nginxURL("file/small.txt")) } throws: { error in
            (error as? OutboundError)?.kind == "proxy"
        }
    }

    @Test func `a proxy that is not there is not taken for the server`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.proxy = HTTPProxy(url: "http://nothing-here.invalid:3128") }
        await #expect { try await client.text(peers.nginxURL("file/small.txt")) } throws: { error in
            (error as? OutboundError)?.kind == "proxy"
        }
    }

    @Test func `a private address in the URL is refused before the proxy hears of it`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client {
            $0.addresses = .publicOnly
            $0.proxy = proxy(peers, "user:pass")
        }
        await #expect(throws: OutboundError.refusedAddress("127.0.0.1")) { try await client.text("https://127.1/") }
    }

    private func proxy(_ peers: HTTPPeers, _ credentials: String?) -> HTTPProxy {
        HTTPProxy(url: "http://127.0.0.1:\(peers.odd.ports["port"] ?? 0)", credentials: credentials.map { Secret($0) })
    }
}
