import CoreTypes
import NIOCore
import RPC
import Testing

@testable import RPCTransport

extension Alone {
    /// What a length costs that is only a promise.
    @Suite(.serialized) struct LengthTests {
        @Test(arguments: [0x8000_0000, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x0010_0001] as [UInt32])
        func `a length over the limit takes no memory, on many connections at once`(length: UInt32) async throws {
            let service = try await TransportFixture()
            let before = ProcessFigures.addressedBytes
            var peers: [RawPeer] = []
            for _ in 0..<25 {
                let peer = try await RawPeer(service)
                _ = try await peer.nextFrame()
                try await peer.send((0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) })
                #expect(try await peer.nextFrame()?.contains("frame_too_long") == true)
                peers.append(peer)
            }
            // One such frame alone would be twice as much as this.
            #expect(ProcessFigures.addressedBytes - before < 1 << 30)
            for peer in peers { #expect(try await peer.nextFrame() == nil) }
            try await service.stop()
        }

        @Test func `of a frame that is announced but never comes only what came is kept`() async throws {
            var limits = RPCServerLimits()
            limits.firstFrameSecondsMax = 300
            let service = try await TransportFixture(limits: limits)
            let before = ProcessFigures.residentBytes
            var peers: [RawPeer] = []
            for _ in 0..<100 {
                let peer = try await RawPeer(service)
                _ = try await peer.nextFrame()
                // As long as a frame may be, and one byte of it.
                try await peer.send([0, 0x10, 0, 0, UInt8(ascii: "{")])
                peers.append(peer)
            }
            // All that was announced would be 100 MiB.
            #expect(ProcessFigures.residentBytes - before < 50 << 20)
            for peer in peers { try await peer.close() }
            try await service.stop()
        }

        @Test func `a bad frame ends its own connection and no other`() async throws {
            let service = try await TransportFixture()
            let bystander = try service.client()
            async let waiting = bystander.call(Wait(gate: "through it all"))
            await service.state.gates.arrival("through it all")
            let bad: [[UInt8]] = [
                [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], Array("GET / HTTP/1.1\r\n\r\n".utf8),
            ]
            for bytes in bad {
                let peer = try await RawPeer(service)
                _ = try await peer.nextFrame()
                try await peer.send(bytes)
                _ = try await peer.nextFrame()
                #expect(try await peer.nextFrame() == nil)
                #expect(try await bystander.call(Echo(text: "beside it")).text == "beside it")
            }
            await service.state.gates.open("through it all")
            #expect(try await waiting.gate == "through it all")
            await bystander.shutDown()
            try await service.stop()
        }

        @Test func `calls over the limit are answered at once, those under it go on`() async throws {
            var limits = RPCServerLimits()
            limits.session.callsMax = 50
            let service = try await TransportFixture(limits: limits)
            let peer = try await RawPeer(service)
            _ = try await peer.nextFrame()
            for id in 0..<80 {
                try await peer.send(
                    text: #"{"jsonrpc":"2.0","id":\#(id),"method":"echo.wait","params":{"gate":"\#(id)"}}"#)
            }
            for id in 50..<80 {
                let answer = try await peer.nextFrame()
                #expect(answer?.contains(#""id":\#(id),"#) == true && answer?.contains("too_many_calls") == true)
            }
            for id in 0..<50 { await service.state.gates.open("\(id)") }
            var answered: Set<String> = []
            for _ in 0..<50 { answered.insert(try await peer.nextFrame() ?? "closed") }
            #expect(answered == Set((0..<50).map { #"{"jsonrpc":"2.0","id":\#($0),"result":{"gate":"\#($0)"}}"# }))
            // There is room again.
            try await peer.send(text: #"{"jsonrpc":"2.0","id":99,"method":"echo.say","params":{"text":"room"}}"#)
            #expect(try await peer.nextFrame()?.contains("room") == true)
            try await peer.close()
            try await service.stop()
        }
    }
}
