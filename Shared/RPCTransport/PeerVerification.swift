import NIOCore
import TLS

extension ChannelPipeline.SynchronousOperations {
    /// Asks whether a context that may be newer than the connection still accepts its peer.
    func verifyPeer(by context: TLSContext) throws(TLSError) {
        // Without its TLS handler a pipeline is on its way down.
        guard let handler = try? handler(type: TLSHandler.self) else { return }
        try handler.verifyPeer(by: context)
    }
}
