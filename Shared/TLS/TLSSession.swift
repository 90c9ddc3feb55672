import COpenSSL
import NIOCore

/// One connection's TLS state over memory buffers: bytes in, bytes out, no socket and no pipeline.
///
/// Used on one event loop only. Every call into OpenSSL goes through the shim, which clears the thread's error queue
/// before it and reads the outcome right after it (pitfall 1).
final class TLSSession {
    enum ReadOutcome: Equatable {
        case bytes(Int)
        case wantsInput
        case closedByPeer
    }

    private let context: TLSContext
    private let isServer: Bool
    private let expectedService: String?
    /// Set once, in `init`; freed in `deinit`.
    private var raw: OpaquePointer!
    private(set) var peer: SPIFFEIdentity?
    /// Why the peer's certificate was refused: says more than the handshake's own error.
    private var refusal: TLSError?

    init(_ context: TLSContext, _ role: TLSRole) {
        self.context = context
        switch role {
        case .server:
            isServer = true
            expectedService = nil
        case .client(let service):
            precondition(context.rules != nil, "a server-only context has no client end")
            isServer = false
            expectedService = service
        }
        raw = sluice_session_new(context.raw, isServer, Unmanaged.passUnretained(self).toOpaque())
        precondition(raw != nil, "out of memory for a TLS session")
    }

    deinit { sluice_session_free(raw) }

    /// - Returns: Whether the handshake is done; false means bytes of the peer are missing.
    func handshake() throws(TLSError) -> Bool {
        var error = sluice_error()
        switch sluice_session_handshake(raw, &error) {
        case 1: break
        case sluice_wants_input: return false
        default: throw refusal ?? TLSError(error, whileHandshaking: true)
        }
        // Fails closed, should the library ever finish without asking us.
        guard context.rules == nil || peer != nil else {
            throw TLSError(.certificateMissing, "the handshake ended without an identity")
        }
        return true
    }

    /// Decrypts at most one record, or what of it has room, to the end of `buffer`.
    func read(into buffer: inout ByteBuffer, roomBytes: Int) throws(TLSError) -> ReadOutcome {
        var error = sluice_error()
        var result = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: roomBytes) { space in
            result = sluice_session_read(raw, space.baseAddress, space.count, &error)
            return max(result, 0)
        }
        switch result {
        case 1...: return .bytes(result)
        case sluice_wants_input: return .wantsInput
        case sluice_closed_by_peer: return .closedByPeer
        default: throw TLSError(error, whileHandshaking: false)
        }
    }

    /// Encrypts into the pending output and returns how much of `bytes` was taken.
    func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) -> Int {
        var error = sluice_error()
        let result = sluice_session_write(raw, bytes.baseAddress, bytes.count, &error)
        guard result > 0 else { throw TLSError(error, whileHandshaking: false) }
        return result
    }

    /// Queues a KeyUpdate that the peer has to answer: what a hostile peer can do endlessly.
    func renewKeys() -> Bool { sluice_session_renew_keys(raw) }

    /// Queues close_notify.
    func close() { sluice_session_close(raw) }

    func feed(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        guard sluice_session_feed(raw, bytes.baseAddress, bytes.count) else {
            throw TLSError(.broken, "no memory for \(bytes.count) bytes of input")
        }
    }

    /// Whether bytes that were fed wait to be read, be they only part of a record.
    var hasInput: Bool { sluice_session_has_input(raw) }

    var pendingOutput: Int { sluice_session_pending_output(raw) }

    /// Moves everything for the network to the end of `buffer`.
    func takeOutput(into buffer: inout ByteBuffer) {
        while true {
            let pending = pendingOutput
            guard pending > 0 else { return }
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { space in
                sluice_session_take_output(raw, space.baseAddress, space.count)
            }
        }
    }

    /// What another context says about the peer met in the handshake.
    func verifyPeer(by other: TLSContext) throws(TLSError) {
        guard other.rules != nil else { return }
        let fault = sluice_session_verify_again(raw, other.raw, !isServer)
        guard fault == SLUICE_FAULT_NONE else { throw TLSError(fault, detail: "no longer accepted") }
    }

    /// As `TLSv1.3 TLS_AES_128_GCM_SHA256`.
    var parameters: String {
        String(cString: sluice_session_protocol(raw)) + " " + String(cString: sluice_session_suite(raw))
    }

    /// Called by OpenSSL within the handshake.
    func judge(_ fault: sluice_fault, depth: Int, text: String, _ leaf: UnsafePointer<sluice_leaf>?) -> Bool {
        do throws(TLSError) {
            guard fault == SLUICE_FAULT_NONE else {
                throw TLSError(fault, detail: depth == 0 ? text : "\(text), \(depth) above the peer's own")
            }
            guard let leaf, let rules = context.rules else {
                throw TLSError(.certificateMissing, "the peer showed no certificate")
            }
            peer = try rules.identity(of: leaf.pointee, peerIsServer: !isServer, expecting: expectedService)
            return true
        } catch {
            refusal = error
            return false
        }
    }
}
