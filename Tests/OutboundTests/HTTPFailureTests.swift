import CoreTypes
import Outbound
import Testing

/// What each fault is called, and that it is noticed in time.
@Suite(.timeLimit(.minutes(2))) struct HTTPFailureTests {
    @Test func `a name that does not exist is a fault of the name`() async throws {
        await #expect(throws: OutboundError.name(host: "nothing-here.invalid")) {
            try await HTTPClient(HTTPClientConfiguration()).text("https://nothing-here.invalid/")
        }
    }

    @Test(arguments: ["drop-before-head", "drop-in-head"])
    func `a connection that ends before the head is a fault of the connection`(path: String) async throws {
        let error = await failure(of: path)
        #expect(error?.kind == "connection", "\(String(describing: error))")
    }

    @Test func `a port where nothing listens is a fault of the connection`() async throws {
        let peers = try await HTTPPeers.shared()
        do {
            _ = try await peers.client().text("http://127.0.0.1:9/")
            Issue.record("there was an answer")
        } catch let error as OutboundError {
            #expect(error.kind == "connection")
        }
    }

    @Test(arguments: ["drop-mid-body", "drop-mid-chunk"])
    func `a body that breaks off is never taken for a whole one`(path: String) async throws {
        let error = await failure(of: path)
        #expect(error?.kind == "truncated", "\(String(describing: error))")
    }

    @Test(arguments: ["garbage", "bad-status", "gzip-damaged", "encoding/br", "encoding/gzip%7Cgzip", "encoding/zstd"])
    func `an answer that is not what was asked for is malformed`(path: String) async throws {
        let error = await failure(of: path)
        #expect(error?.kind == "malformed", "\(String(describing: error))")
    }

    @Test(arguments: ["huge-headers", "many-hints"])
    func `more than 64 KiB of headers are refused`(path: String) async throws {
        #expect(await failure(of: path) == .tooLarge(limit: 65_536))
    }

    @Test func `a body over the limit is refused, counted after decompression`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.maxBodyBytes = 8000 }
        #expect(try await client.text(peers.oddURL("gzip")).utf8.count == 8000)
        let strict = HTTPRequest(.get, peers.oddURL("gzip"), maxBodyBytes: 7999)
        await #expect(throws: OutboundError.tooLarge(limit: 7999)) {
            try await client.send(strict).body.collect(upTo: 10_000)
        }
        await #expect(throws: OutboundError.tooLarge(limit: 8000)) { try await client.text(peers.oddURL("bomb/64")) }
        let wide = try await client.send(HTTPRequest(.get, peers.oddURL("gzip")))
        await #expect(throws: OutboundError.tooLarge(limit: 100)) { try await wide.body.collect(upTo: 100) }
    }

    @Test(arguments: ["|elsewhere", "https:||other.example|x", "http:||127.0.0.1:1|"])
    func `a redirect is reported and not followed`(target: String) async throws {
        let redirect = OutboundError.redirect(status: 302, to: target.replacing("|", with: "/"))
        #expect(await failure(of: "redirect/" + target.replacing("|", with: "%7C")) == redirect)
    }

    @Test func `a server that never answers is a timeout of the first byte`() async throws {
        let limits = HTTPTimeouts(firstByte: .milliseconds(300), idle: .seconds(9))
        #expect(await failure(of: "never", limits) == .timeout(.firstByte))
    }

    @Test func `a server that stops in the middle is a timeout of silence`() async throws {
        let limits = HTTPTimeouts(firstByte: .seconds(9), idle: .milliseconds(300))
        #expect(await failure(of: "stall", limits) == .timeout(.idle))
    }

    @Test func `an answer that keeps coming too slowly is a timeout of the whole`() async throws {
        let limits = HTTPTimeouts(firstByte: .seconds(9), idle: .seconds(9), total: .milliseconds(400))
        #expect(await failure(of: "trickle/100", limits) == .timeout(.total))
    }

    @Test func `a slow answer within its limits is read to the end`() async throws {
        let limits = HTTPTimeouts(firstByte: .milliseconds(900), idle: .milliseconds(900), total: .seconds(9))
        #expect(await failure(of: "trickle/25", limits) == nil)
    }

    @Test func `a server that is slow but steady is waited for`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client { $0.timeouts = HTTPTimeouts(firstByte: .seconds(2), idle: .seconds(2), total: nil) }
        let response = try await client.send(HTTPRequest(.get, peers.nginxURL("slow/slow.bin")))
        #expect(try await response.body.collect(upTo: 200_000).count == 130_000)
    }

    @Test func `an address that does not answer is a timeout of connecting`() async throws {
        // 192.0.2.0/24 is for documentation; on a host that refuses it at once the fault is the connection.
        var configuration = HTTPClientConfiguration()
        configuration.addresses = .unrestricted
        configuration.timeouts.connect = .milliseconds(300)
        do {
            _ = try await HTTPClient(configuration).text("https://192.0.2.1/")
            Issue.record("there was an answer")
        } catch let error as OutboundError {
            #expect(error == .timeout(.connect) || error.kind == "connection")
        }
    }

    private func failure(of path: String, _ timeouts: HTTPTimeouts? = nil) async -> OutboundError? {
        do throws(OutboundError) {
            guard let peers = try? await HTTPPeers.shared() else {
                Issue.record("the peers do not start")
                return nil
            }
            let response = try await peers.client().send(HTTPRequest(.get, peers.oddURL(path), timeouts: timeouts))
            _ = try await response.body.collect(upTo: 300_000_000)
            return nil
        } catch {
            return error
        }
    }
}

extension OutboundError {
    /// The case without its values.
    var kind: String { String("\(Mirror(reflecting: self).children.first?.label ?? "cancelled")") }
}
