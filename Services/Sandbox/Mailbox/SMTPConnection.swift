import CoreTypes
import NIOCore
import SandboxAPI
import ServiceRuntime
import TLS

/// Carries one client's conversation: frames its lines, one after the other, and does what the dialogue says.
///
/// A line is looked at only when the one before it is done with, stored mail included.
final class SMTPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let mailbox: Mailbox
    private let tls: TLSContext?
    private let afterChange: @Sendable () async -> Void
    private var dialogue: SMTPDialogue
    private var received = ByteBuffer()
    /// Waiting for something; lines that come are kept.
    private var isBusy = false

    init(
        _ mailbox: Mailbox, _ settings: SMTPSettings, tls: TLSContext?,
        afterChange: @escaping @Sendable () async -> Void
    ) {
        self.mailbox = mailbox
        self.tls = tls
        self.afterChange = afterChange
        var settings = settings
        settings.canEncrypt = tls != nil
        dialogue = SMTPDialogue(settings, faults: mailbox.faults)
    }

    func channelActive(context: ChannelHandlerContext) {
        if mailbox.faults.occur(.offline) != nil {
            context.close(promise: nil)
            return
        }
        wait(context, before: { $0.perform([$0.dialogue.greeting], $1) })
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        advance(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func advance(_ context: ChannelHandlerContext) {
        while !isBusy, let (line, endsInCRLF) = takeLine() {
            wait(context) { connection, context in
                connection.perform(connection.dialogue.receive(line, endsInCRLF: endsInCRLF), context)
            }
        }
        // A line that never ends would fill the memory.
        if received.readableBytes > 1 << 20, !isBusy { context.close(promise: nil) }
    }

    private func takeLine() -> (line: [UInt8], endsInCRLF: Bool)? {
        let view = received.readableBytesView
        guard let end = view.firstIndex(of: 0x0A) else { return nil }
        let bytes = received.readBytes(length: end - view.startIndex + 1) ?? []
        received.discardReadBytes()
        let endsInCRLF = bytes.count >= 2 && bytes[bytes.count - 2] == 0x0D
        return (Array(bytes.dropLast(endsInCRLF ? 2 : 1)), endsInCRLF)
    }

    /// Lets the faults that concern time have their way, then goes on.
    private func wait(
        _ context: ChannelHandlerContext, before body: @escaping (SMTPConnection, ChannelHandlerContext) -> Void
    ) {
        if mailbox.faults.occur(.hang) != nil {
            isBusy = true
            return
        }
        guard let slow = mailbox.faults.occur(.slow)?.milliseconds else {
            body(self, context)
            return
        }
        run(context, { [clock = mailbox.environment.clock] in try await clock.sleep(for: .milliseconds(slow)) }) {
            connection, context, _ in body(connection, context)
        }
    }

    private func perform(_ actions: [SMTPDialogue.Action], _ context: ChannelHandlerContext) {
        for action in actions {
            switch action {
            case .reply(let text): send(text, context)
            case .close: context.close(promise: nil)
            case .startTLS(let text): startTLS(text, context)
            case .store(let mail): store(mail, context)
            }
        }
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
    }

    private func startTLS(_ text: String, _ context: ChannelHandlerContext) {
        guard let tls else { return }
        // Commands smuggled in behind STARTTLS would be taken for encrypted ones (CVE-2011-0411).
        guard received.readableBytes == 0 else {
            context.close(promise: nil)
            return
        }
        send(text, context)
        do {
            try context.pipeline.syncOperations.addHandler(TLSHandler(context: tls, role: .server), position: .first)
            dialogue.didStartTLS()
        } catch {
            context.close(promise: nil)
        }
    }

    private func store(_ mail: SMTPDialogue.Mail, _ context: ChannelHandlerContext) {
        run(context, { [mailbox] in try await mailbox.store(mail) }) { connection, context, isStored in
            if connection.mailbox.faults.occur(.dropBefore250) != nil {
                context.close(promise: nil)
                return
            }
            connection.send(isStored ? "250 2.0.0 Taken" : "451 4.3.0 Could not be stored", context)
            if connection.mailbox.faults.occur(.dropAfter250) != nil { context.close(promise: nil) }
        }
    }

    /// Works off the loop, and goes on with the conversation on it. Nothing else is read meanwhile.
    private func run(
        _ context: ChannelHandlerContext, _ work: @escaping @Sendable () async throws -> Void,
        then body: @escaping (SMTPConnection, ChannelHandlerContext, _ succeeded: Bool) -> Void
    ) {
        isBusy = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.completeWithTask { [afterChange] in
            try await work()
            await afterChange()
        }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isBusy = false
            if case .success = result { body(self, context, true) } else { body(self, context, false) }
            self.advance(context)
        }
    }
}
