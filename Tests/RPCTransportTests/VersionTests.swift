import CoreTypes
import RPC
import TestCertificates
import Testing

@testable import RPCTransport

@Suite struct VersionTests {
    private static let limits = """
        "limits":{"frameBytesMax":1048576,"callsMax":1024,"batchMax":100,"streamCreditBytes":262144,\
        "deadlineMsMax":600000,"keepaliveIntervalMs":10000,"keepaliveTimeoutMs":5000,"moonsMax":3}
        """

    private static func hello(_ version: Int, from versionMin: Int, features: String) -> String {
        """
        {"jsonrpc":"2.0","method":"rpc.hello","params":{"version":\(version),"versionMin":\(versionMin),\
        "service":"scheduler","features":[\(features)],"colour":"green",\(limits)}}
        """
    }

    /// As long as it still speaks the version before, whatever else it says.
    @Test(arguments: [
        hello(1, from: 1, features: #""stream","cancel""#), hello(2, from: 1, features: #""stream","teleport""#),
    ])
    func `a server one version newer, or with fewer features, is understood`(greeting: String) async throws {
        let authority = try TransportFixture.authority.get()
        let server = try await RawServer(authority.service("scheduler"), greeting: [greeting])
        let client = try TransportFixture.client(authority.service("importer"), port: server.port)
        #expect(try await client.call(Echo(text: "hello")).text == "from another version")
        await client.shutDown()
        try await server.close()
    }

    @Test(arguments: [(3, 2), (0, 0)])
    func `a server that speaks none of our versions is left with the reason`(version: Int, versionMin: Int)
        async throws
    {
        let authority = try TransportFixture.authority.get()
        let server = try await RawServer(
            authority.service("scheduler"), greeting: [Self.hello(version, from: versionMin, features: "")])
        let client = try TransportFixture.client(authority.service("importer"), port: server.port)
        let error = await #expect(throws: ServiceError.self) { try await client.call(Echo(text: "hello")) }
        #expect(error?.status == .failedPrecondition)
        #expect(error?.reason == "protocol_version_unsupported")
        await client.shutDown()
        try await server.close()
    }

    @Test func `a client one version newer is answered in ours`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let agreed = try await client.call(
            ClientHello(version: ServerHello.version + 1, features: ["stream", "teleport"]))
        #expect(agreed == ClientHello.Response(version: ServerHello.version, features: ["stream"]))
        // What it says beside what this build knows is passed over.
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        try await peer.send(
            text: """
                {"jsonrpc":"2.0","id":1,"method":"echo.say","params":{"text":"a","tone":2},"meta":{"mood":[]},"z":0}
                """)
        #expect(try await peer.nextFrame() == #"{"jsonrpc":"2.0","id":1,"result":{"text":"a"}}"#)
        try await peer.close()
        await client.shutDown()
        try await service.stop()
    }
}
