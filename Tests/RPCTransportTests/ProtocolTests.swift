import CoreTypes
import NIOCore
import NIOPosix
import RPC
import Testing

@testable import RPCTransport

/// What a peer sees that speaks TLS and frames but is not our client.
@Suite struct ProtocolTests {
    @Test func `the server speaks first, and says what it allows`() async throws {
        let service = try await TransportFixture()
        let peer = try await RawPeer(service)
        let hello = try await peer.nextFrame()
        #expect(hello?.contains(#""method":"rpc.hello""#) == true)
        #expect(hello?.contains(#""frameBytesMax":1048576"#) == true)
        try await peer.close()
        try await service.stop()
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], "frame_empty"), ([0, 0x10, 0, 1], "frame_too_long"),
            ([0xff, 0xff, 0xff, 0xff], "frame_too_long"),
            (Array("GET / HTTP/1.1\r\n".utf8), "frame_too_long"),
        ] as [([UInt8], String)])
    func `a length that cannot be ends the connection with a reason`(prefix: [UInt8], reason: String) async throws {
        let service = try await TransportFixture()
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        try await peer.send(prefix)
        let last = try await peer.nextFrame()
        #expect(last?.contains(#""id":null"#) == true)
        #expect(last?.contains(#""reason":"\#(reason)""#) == true)
        #expect(try await peer.nextFrame() == nil)
        try await service.stop()
    }

    @Test func `garbage in a frame is answered, the connection goes on`() async throws {
        let service = try await TransportFixture()
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        try await peer.send(text: "\u{1}\u{2} not json")
        #expect(try await peer.nextFrame()?.contains("-32700") == true)
        try await peer.send(text: #"{"jsonrpc":"2.0","id":"a","method":"echo.say","params":{"text":"still"}}"#)
        #expect(try await peer.nextFrame() == #"{"jsonrpc":"2.0","id":"a","result":{"text":"still"}}"#)
        try await peer.close()
        try await service.stop()
    }

    @Test func `a batch is answered in one frame`() async throws {
        let service = try await TransportFixture()
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        try await peer.send(
            text: #"[{"jsonrpc":"2.0","id":1,"method":"echo.say","params":{"text":"a"}},"#
                + #"{"jsonrpc":"2.0","id":2,"method":"echo.say","params":{"text":"b"}}]"#)
        let answer = try await peer.nextFrame()
        #expect(answer?.hasPrefix("[") == true)
        #expect(answer?.contains(#""id":1,"result":{"text":"a"}"#) == true)
        #expect(answer?.contains(#""id":2,"result":{"text":"b"}"#) == true)
        try await peer.close()
        try await service.stop()
    }

    @Test func `a client that never says anything is told and cut off`() async throws {
        var limits = RPCServerLimits()
        limits.firstFrameSecondsMax = 1
        let service = try await TransportFixture(limits: limits)
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        #expect(try await peer.nextFrame()?.contains("first_frame_missing") == true)
        #expect(try await peer.nextFrame() == nil)
        try await service.stop()
    }

    @Test func `a client that falls silent is told and cut off`() async throws {
        var limits = RPCServerLimits()
        limits.idleSecondsMax = 1
        let service = try await TransportFixture(limits: limits)
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        try await peer.send(text: #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#)
        #expect(try await peer.nextFrame()?.contains(#""id":1,"result""#) == true)
        #expect(try await peer.nextFrame()?.contains("connection_idle") == true)
        #expect(try await peer.nextFrame() == nil)
        try await service.stop()
    }

    @Test func `a socket that never shakes hands is closed in time, and others do not notice`() async throws {
        var limits = RPCServerLimits()
        limits.handshakeSecondsMax = 1
        let service = try await TransportFixture(limits: limits)
        let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: service.port).get()
        let client = try service.client()
        _ = try await client.call(Echo(text: "beside it"))
        try await silent.closeFuture.get()
        _ = try await client.call(Echo(text: "after it"))
        await client.shutDown()
        try await service.stop()
    }

    @Test func `a client that does not know rpc.drain is closed when it is quiet`() async throws {
        var limits = RPCServerLimits()
        limits.drainQuietMilliseconds = 100
        let service = try await TransportFixture(limits: limits)
        let peer = try await RawPeer(service)
        _ = try await peer.nextFrame()
        try await peer.send(text: #"{"jsonrpc":"2.0","id":1,"method":"echo.wait","params":{"gate":"slow"}}"#)
        await service.state.gates.arrival("slow")
        service.server.shutDown()
        #expect(try await peer.nextFrame()?.contains("rpc.drain") == true)
        // Calls that still come are served.
        try await peer.send(text: #"{"jsonrpc":"2.0","id":2,"method":"echo.say","params":{"text":"late"}}"#)
        #expect(try await peer.nextFrame()?.contains("late") == true)
        await service.state.gates.open("slow")
        #expect(try await peer.nextFrame()?.contains(#""id":1,"result""#) == true)
        #expect(try await peer.nextFrame() == nil)
        try await service.stop()
    }

    @Test func `more connections than allowed are closed unheard`() async throws {
        var limits = RPCServerLimits()
        limits.connectionsMax = 1
        let service = try await TransportFixture(limits: limits)
        let client = try service.client()
        _ = try await client.call(Echo(text: "in"))
        let second = try service.client()
        let error = await #expect(throws: ServiceError.self) { try await second.call(Echo(text: "out")) }
        #expect(error?.status == .unavailable)
        await client.shutDown()
        while !service.server.connections.isEmpty { await Task.yield() }
        try await service.stop()
    }
}
