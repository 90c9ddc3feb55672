import CoreTypes
import JSON
import RPC
import TestSupport
import Testing

@Suite struct BuiltInRequestTests {
    private func request(_ id: Int, _ method: String, _ params: String, meta: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params),"meta":\#(meta)}"#
    }

    private func adding() -> Router {
        var router = Router.test()
        router.register(Add.self, Add.handle)
        return router
    }

    @Test func `the first frame says who answers and what it can do`() throws {
        let fixture = Fixture(adding())
        fixture.session.sendHello()
        let hello = try #require(try fixture.outlet.values().first)
        #expect(hello["method"] == "rpc.hello")
        #expect(hello["id"] == nil)
        #expect(hello["params"]?["service"] == "test")
        #expect(hello["params"]?["limits"]?["frameBytesMax"] == 1_048_576)
    }

    @Test func `features are those that both have, and an older version is refused`() throws {
        let fixture = Fixture(adding())
        let agreed = try fixture.send(request(1, "rpc.hello", #"{"version":9,"features":["stream","teleport"]}"#))
        #expect(agreed.first?["result"] == ["version": 1, "features": ["stream"]])
        let refused = try fixture.send(request(1, "rpc.hello", #"{"version":0,"features":[]}"#))
        #expect(refused.first?["error"]?["data"]?["reason"] == "protocol_version_not_spoken")
    }

    @Test func `health is what the service says`() throws {
        var router = adding()
        router.health = { HealthReport(isReady: false, isDatabaseUsable: true, notes: ["migrating"]) }
        let answer = try Fixture(router, as: .billing).send(request(1, "rpc.health", "{}"))
        let expected = #"{"isAlive":true,"isReady":false,"isDatabaseUsable":true,"notes":["migrating"]}"#
        #expect(try answer.first?["result"] == JSON.decode(JSONValue.self, from: expected))
    }

    @Test func `statistics count calls, errors and durations per method`() throws {
        let fixture = Fixture(adding())
        for _ in 0..<3 { try fixture.send(request(1, "test.add", #"{"numbers":[1]}"#)) }
        try fixture.send(request(1, "test.add", "{}"))
        let methods = try fixture.send(request(2, "rpc.stats", "{}")).first?["result"]?["methods"]?.arrayValue
        let add = try #require(methods?.first)
        #expect(add["method"] == "test.add")
        #expect(add["calls"] == 4)
        #expect(add["errors"] == 1)
        #expect(add["lastError"] == "invalid_params")
        #expect(add["p99Microseconds"] == 1)
    }

    @Test func `every call that ended is told, with how it ended`() async throws {
        let ended = Collected<CallRecord>()
        var router = adding()
        router.onCallEnded = ended.add
        let fixture = Fixture(router)
        try fixture.send(request(1, "test.add", #"{"numbers":[1]}"#))
        try fixture.send(request(2, "test.add", "{}"))
        #expect(ended.values.map(\.failure?.reason) == [nil, "invalid_params"])
        #expect(ended.values.map(\.method) == [Add.method, Add.method])
    }

    @Test func `mutated frames never crash a session`() throws {
        var generator = SeededGenerator(seed: 0xbeef)
        let frames = [
            request(1, "test.add", #"{"numbers":[1,2,3]}"#, meta: #"{"deadlineMs":500,"language":"da"}"#),
            request(2, "rpc.hello", #"{"version":1,"features":[]}"#),
            #"[{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":1}},{"jsonrpc":"2.0","id":"x","method":"rpc.ping"}]"#,
        ].map { Array($0.utf8) }
        let fixture = Fixture(adding())
        for _ in 0..<LongProof.count(20_000, long: 1_000_000) {
            var bytes = frames.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                guard !bytes.isEmpty else { break }
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: position)
                default: bytes.insert(contentsOf: bytes[position..<min(position + 5, bytes.count)], at: position)
                }
            }
            bytes.withUnsafeBytes { fixture.session.receive($0) }
        }
        #expect(fixture.session.callsInFlight == 0)
        for frame in fixture.outlet.frames { _ = try JSON.decode(JSONValue.self, from: frame) }
    }
}
