import CoreTypes
import Foundation
import Outbound
import Testing

@Suite(.timeLimit(.minutes(2))) struct HTTPClientTests {
    @Test func `a file comes over TLS byte for byte, pressed on the way`() async throws {
        let peers = try await HTTPPeers.shared()
        let response = try await peers.client().send(HTTPRequest(.get, peers.nginxURL("file/large.bin")))
        #expect(response.status == 200)
        #expect(response.headers["content-encoding"] == "gzip")
        #expect(try await response.body.collect(upTo: 6_000_000) == HTTPPeers.large)
    }

    @Test func `a hundred requests one after another use one connection`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        var connections: Set<String> = []
        for _ in 0..<100 { connections.insert(try await client.text(peers.nginxURL("number"))) }
        #expect(connections.count == 1)
    }

    @Test func `parallel requests stay within the connections allowed per host`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.connectionsPerHost = 3 }
        let connections = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<60 { group.addTask { try await client.text(peers.nginxURL("number")) } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect((1...3).contains(connections.count))
    }

    @Test func `a request that waits for a free connection is not a connect timeout`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client {
            $0.connectionsPerHost = 1
            $0.timeouts.connect = .milliseconds(300)
        }
        async let slow = client.text(peers.oddURL("trickle/20"))
        async let quick = client.text(peers.oddURL("echo"))
        #expect(try await slow.hasSuffix("piece 19\n"))
        #expect(try await quick.contains("GET /echo"))
    }

    @Test func `HTTP 2 is spoken only when allowed`() async throws {
        let peers = try await HTTPPeers.shared()
        #expect(try await peers.client().text(peers.nginxURL("number")).hasSuffix("HTTP/1.1"))
        let modern = peers.client { $0.allowsHTTP2 = true }
        #expect(try await modern.text(peers.nginxURL("number")).hasSuffix("HTTP/2.0"))
        let large = try await modern.send(HTTPRequest(.get, peers.nginxURL("plain/large.bin")))
        #expect(try await large.body.collect(upTo: 6_000_000) == HTTPPeers.large)
    }

    @Test(arguments: ["GET", "PUT", "POST", "PATCH", "DELETE", "QUERY"])
    func `method, headers and body arrive as given and nothing is guessed`(method: String) async throws {
        let peers = try await HTTPPeers.shared()
        let request = HTTPRequest(
            HTTPMethod(rawValue: method), peers.oddURL("echo/a%20b?x=1"),
            headers: [HTTPHeader("Authorization", Secret("Bearer 42")), HTTPHeader("X-Empty", "")],
            body: .bytes(Array(#"{"a":1}"#.utf8)))
        let echo = try await echo(request, peers)
        #expect(echo.line == "\(method) /echo/a%20b?x=1 HTTP/1.1")
        #expect(echo.body == #"{"a":1}"#)
        #expect(echo.fields.contains("Authorization: Bearer 42"))
        #expect(echo.fields.contains("X-Empty:"))
        #expect(echo.fields.contains("Accept-Encoding: gzip, deflate"))
        let names = echo.fields.map { $0.split(separator: ":")[0].lowercased() }
        #expect(!names.contains("content-type") && !names.contains("expect") && !names.contains("cookie"))
        #expect(Set(names).count == names.count)
    }

    @Test func `a POST without a body says its length is nothing`() async throws {
        let peers = try await HTTPPeers.shared()
        let echo = try await echo(HTTPRequest(.post, peers.oddURL("echo")), peers)
        #expect(echo.fields.contains("Content-Length: 0"))
        #expect(echo.body == "")
    }

    @Test func `three million bytes of body arrive whole`() async throws {
        let peers = try await HTTPPeers.shared()
        let body = [UInt8](repeating: 65, count: 3_000_000)
        let echo = try await echo(HTTPRequest(.put, peers.oddURL("echo"), body: .bytes(body)), peers)
        #expect(echo.body.utf8.count == body.count)
    }

    @Test func `HEAD has a head and no body`() async throws {
        let peers = try await HTTPPeers.shared()
        let response = try await peers.client().send(HTTPRequest(.head, peers.nginxURL("plain/large.bin")))
        #expect(response.headers["Content-Length"] == "5000000")
        #expect(try await response.body.collect(upTo: 0) == [])
    }

    @Test func `every cookie of an answer is there, and the answer prints none of them`() async throws {
        let peers = try await HTTPPeers.shared()
        let response = try await peers.client().send(HTTPRequest(.get, peers.oddURL("cookies")))
        #expect(response.headers.all("Set-Cookie") == ["B1SESSION=abc; HttpOnly", "ROUTEID=.node1"])
        #expect(!"\(response)".contains("abc") && !String(reflecting: response.headers).contains("abc"))
    }

    @Test func `interim answers are skipped and trailers are no headers`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let hinted = try await client.send(HTTPRequest(.get, peers.oddURL("hints")))
        #expect(hinted.status == 200)
        #expect(hinted.headers["final"] == "yes")
        #expect(hinted.headers.all("set-cookie") == [])
        #expect(try await client.text(peers.oddURL("trailers")) == "body")
    }

    @Test(arguments: [401, 404, 429, 500, 503])
    func `a status of refusal is an answer with its body`(status: Int) async throws {
        let peers = try await HTTPPeers.shared()
        let response = try await peers.client().send(HTTPRequest(.get, peers.oddURL("status/\(status)")))
        #expect(response.status == status)
        #expect(try await response.body.collect(upTo: 10) == Array("sorry".utf8))
    }

    @Test func `an answer nobody reads leaves its connection for the next`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let first = try await client.text(peers.nginxURL("number"))
        for _ in 0..<5 { _ = try await client.send(HTTPRequest(.get, peers.nginxURL("file/small.txt"))).status }
        #expect(try await client.text(peers.nginxURL("number")) == first)
    }

    @Test func `a POST is never sent twice, a GET is sent again on a new connection`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let url = peers.oddURL("close-on-second")
        for _ in 0..<4 {
            let response = try await client.send(HTTPRequest(.post, url))
            #expect(try await response.body.collect(upTo: 100) == Array("first".utf8))
        }
        let posts = try await client.text(peers.oddURL("count/close-on-second"))
        #expect(posts == "4")
        #expect(try await client.text(url) == "first")
        #expect(try await client.text(url) == "first")
    }

    @Test func `a connection is used again or not as the request says`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        func connection(_ request: HTTPRequest) async throws -> Int {
            let body = try await client.send(request).body.collect(upTo: 10_000)
            return try JSONDecoder().decode(Echo.self, from: Data(body)).connection
        }
        let url = peers.oddURL("echo")
        let key = HTTPHeader("Idempotency-Key", "order-1")
        let first = try await connection(HTTPRequest(.get, url))
        #expect(try await connection(HTTPRequest(.get, url)) == first)
        #expect(try await connection(HTTPRequest(.post, url, headers: [key])) == first)
        #expect(try await connection(HTTPRequest(.post, url, reuse: .allowed)) == first)
        #expect(try await connection(HTTPRequest(.get, url, reuse: .never)) != first)
        #expect(try await connection(HTTPRequest(.post, url, headers: [key], reuse: .never)) != first)
        #expect(try await connection(HTTPRequest(.patch, url)) != first)
    }

    @Test func `a client that is dropped still delivers the answer it began`() async throws {
        let peers = try await HTTPPeers.shared()
        let response = try await peers.client().send(HTTPRequest(.get, peers.nginxURL("plain/large.bin")))
        #expect(try await response.body.collect(upTo: 6_000_000).count == 5_000_000)
    }

    @Test func `after shutdown every request is cancelled, also the one under way`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let response = try await client.send(HTTPRequest(.get, peers.oddURL("stall")))
        client.shutdown()
        client.shutdown()
        await #expect(throws: OutboundError.cancelled) { try await response.body.collect(upTo: 1_000_000) }
        await #expect(throws: OutboundError.cancelled) { try await client.text(peers.oddURL("echo")) }
    }

    private func echo(_ request: HTTPRequest, _ peers: HTTPPeers) async throws -> Echo {
        let response = try await peers.client().send(request)
        let body = try await response.body.collect(upTo: 10_000_000)
        return try JSONDecoder().decode(Echo.self, from: Data(body))
    }
}
