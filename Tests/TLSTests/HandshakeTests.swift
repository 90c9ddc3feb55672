import NIOCore
import NIOEmbedded
import TestCertificates
import Testing

@testable import TLS

@Suite struct HandshakeTests {
    @Test func `both ends learn who the other is`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.connect()
        #expect(pair.atClient.handshake?.peer?.uri == "spiffe://test.sluice/svc/scheduler/1")
        #expect(pair.atServer.handshake?.peer?.uri == "spiffe://test.sluice/svc/importer/1")
        #expect(pair.atClient.handshake?.parameters == "TLSv1.3 TLS_AES_128_GCM_SHA256")
    }

    @Test func `what was written before the handshake arrives after it, in order`() throws {
        let pair = try TestParties.shared.get().pair()
        let first = pair.client.writeAndFlush(ByteBuffer(string: "one "))
        let second = pair.client.writeAndFlush(ByteBuffer(string: "two"))
        #expect(try pair.client.readOutbound(as: ByteBuffer.self) == nil)
        try pair.connect()
        try first.wait()
        try second.wait()
        #expect(String(buffer: pair.atServer.received) == "one two")
    }

    @Test func `an end in the handshake fails what waits, tells why and closes`() throws {
        let pair = try TestParties.shared.get().pair()
        let write = pair.client.writeAndFlush(ByteBuffer(string: "never sent"))
        try pair.client.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        pair.client.pipeline.fireChannelInactive()
        pair.loop.run()
        #expect(throws: TLSError.self) { try write.wait() }
        #expect(pair.atClient.errors.map(\.reason) == [.endedInHandshake])
        #expect(!pair.client.isActive)
    }

    @Test func `closing in the handshake fails what waits and closes once`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.client.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        let write = pair.client.writeAndFlush(ByteBuffer(string: "never sent"))
        try pair.client.close().wait()
        #expect(throws: ChannelError.ioOnClosedChannel) { try write.wait() }
        #expect(pair.atClient.errors.isEmpty)
    }

    @Test func `a client that meets another service than it expects hangs up before sending anything`() throws {
        let pair = try TestParties.shared.get().pair(expecting: "billing")
        let write = pair.client.writeAndFlush(ByteBuffer(string: "for billing only"))
        try pair.connect()
        #expect(pair.atClient.errors.map(\.reason) == [.identityUnexpected])
        #expect(pair.atServer.errors.map(\.reason) == [.refusedByPeer])
        #expect(throws: TLSError.self) { try write.wait() }
        #expect(pair.atServer.received.readableBytes == 0)
    }

    @Test func `bytes that are no TLS are refused as such`() throws {
        let pair = try TestParties.shared.get().pair()
        try pair.server.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        pair.server.pipeline.fireChannelRead(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: scheduler\r\n\r\n"))
        pair.loop.run()
        #expect(pair.atServer.errors.map(\.reason) == [.notTLS])
        #expect(!pair.server.isActive)
    }

    @Test func `a handler added to a connection in use starts the handshake itself`() throws {
        let parties = try TestParties.shared.get()
        let pair = try parties.pair()
        let plain = EmbeddedChannel(loop: pair.loop)
        try plain.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        let recorder = Recorder()
        try plain.pipeline.syncOperations.addHandler(recorder)
        let handler = TLSHandler(context: try TLSContext(parties.client.mutual), role: .client(service: "scheduler"))
        try plain.pipeline.syncOperations.addHandler(handler, position: .first)
        try pair.server.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        while try pair.carry(from: plain, to: pair.server) || pair.carry(from: pair.server, to: plain) {}
        #expect(recorder.handshake?.peer?.kind == .service(name: "scheduler", instance: "1"))
        #expect(pair.atServer.handshake != nil)
    }
}
