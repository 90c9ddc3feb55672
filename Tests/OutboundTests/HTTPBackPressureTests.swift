import Outbound
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPBackPressureTests {
    @Test func `a reader that does not read stops the server within a few megabytes`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let response = try await client.send(HTTPRequest(.get, peers.oddURL("flood")))
        let sent = try #require(Int(try await client.text(peers.oddURL("flood-blocked"))))
        // Our 256 KiB and the kernel's buffers, of the billion bytes announced.
        #expect(sent < 16_000_000, "the server could send \(sent) bytes")
        var read = 0
        for try await chunk in response.body {
            #expect(chunk.count <= 512 * 1024)
            read += chunk.count
            if read > 50_000_000 { break }
        }
        #expect(read > 50_000_000)
    }

    @Test func `a body dropped half-way ends the transfer at the server`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        var response: HTTPResponse? = try await client.send(HTTPRequest(.get, peers.oddURL("flood")))
        _ = try await client.text(peers.oddURL("flood-blocked"))
        #expect(response?.status == 200)
        response = nil
        #expect(try await client.text(peers.oddURL("flood-ended")) == "ended")
    }

    @Test func `time the reader takes is not the server's silence`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let limits = HTTPTimeouts(idle: .milliseconds(300), total: .seconds(60))
        let response = try await client.send(HTTPRequest(.get, peers.oddURL("flood"), timeouts: limits))
        // The server waits 400 ms for us before it says that it is blocked.
        _ = try await client.text(peers.oddURL("flood-blocked"))
        var read = 0
        for try await chunk in response.body {
            read += chunk.count
            if read > 20_000_000 { break }
        }
        #expect(read > 20_000_000)
    }

    @Test func `cancelling the task ends a request that waits for its head`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let url = peers.oddURL("never/cancelled-before-head")
        let task = Task { try await client.text(url) }
        _ = try await client.text(peers.oddURL("wait/never"))
        task.cancel()
        await #expect(throws: OutboundError.cancelled) { try await task.value }
    }

    @Test func `cancelling the task ends a body that is being read`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let response = try await client.send(HTTPRequest(.get, peers.oddURL("stall")))
        let task = Task {
            var read = 0
            for try await chunk in response.body {
                read += chunk.count
                withUnsafeCurrentTask { if read == 1000 { $0?.cancel() } }
            }
        }
        await #expect(throws: OutboundError.cancelled) { try await task.value }
    }

    @Test func `an answer pressed a thousandfold is read whole by a reader that stops and goes`() async throws {
        let peers = try await HTTPPeers.shared()
        let response = try await peers.client().send(HTTPRequest(.get, peers.oddURL("bomb/100")))
        var read = 0
        for try await chunk in response.body {
            read += chunk.count
            #expect(chunk.allSatisfy { $0 == 0 })
            await Task.yield()
        }
        #expect(read == 100 << 20)
    }

    @Test func `many requests, some cancelled and some dropped at odd moments, leave a client that works`() async throws
    {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let ends = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let path = ["plain/large.bin", "number", "file/small.txt"][number % 3]
                    let request = HTTPRequest(.get, peers.nginxURL(path))
                    let task = Task {
                        var seen = 0
                        for try await chunk in try await client.send(request).body {
                            seen += chunk.count
                            if number % 5 == 0 && seen > 100_000 { break }
                        }
                    }
                    if number % 4 == 0 {
                        for _ in 0..<number { await Task.yield() }
                        task.cancel()
                    }
                    return (try? await task.value) != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(ends >= 225)
        #expect(try await client.text(peers.nginxURL("file/small.txt")) == "hello")
    }

    @Test func `a task cancelled beforehand sends nothing`() async throws {
        let peers = try await HTTPPeers.shared()
        let client = peers.client()
        let url = peers.oddURL("not-sent-at-all")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.text(url)
        }
        await #expect(throws: OutboundError.cancelled) { try await task.value }
        #expect(try await client.text(peers.oddURL("count/not-sent-at-all")) == "0")
    }
}
