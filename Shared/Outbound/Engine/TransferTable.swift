import CCurl

/// The transfers in libcurl's hands and the handles kept for the next ones. Lives on the engine's thread.
struct TransferTable {
    private struct Running {
        var easy: Easy
        /// What libcurl's callbacks are given; held here for as long as they can come.
        var box: TransferBox
    }

    private let multi: OpaquePointer
    private var running: [ObjectIdentifier: Running] = [:]
    /// Handles are used again because each remembers TLS sessions and the memory it needed.
    private var spare: [Easy] = []
    private let spareMax = 16

    init(multi: OpaquePointer) { self.multi = multi }

    var isEmpty: Bool { running.isEmpty }

    mutating func start(_ transfer: any Transfer) {
        guard !transfer.isCancelled else { return transfer.complete(Ending(failure: .cancelled)) }
        guard let easy = spare.popLast() ?? ccurl_easy_create().map(Easy.init) else {
            return transfer.complete(Ending(failure: .other, detail: "out of memory"))
        }
        let box = TransferBox(transfer)
        withUnsafePointer(to: callbacks) {
            ccurl_easy_set_callbacks(easy.handle, $0, Unmanaged.passUnretained(box).toOpaque())
        }
        do throws(OutboundError) {
            try transfer.configure(easy)
        } catch {
            keep(easy)
            return transfer.complete(Ending(failure: .request, cause: error))
        }
        running[ObjectIdentifier(transfer)] = Running(easy: easy, box: box)
        guard ccurl_multi_add(multi, easy.handle) else {
            return finish(transfer, Ending(failure: .other, detail: "libcurl does not take the transfer"))
        }
    }

    func resume(_ transfer: any Transfer) {
        guard let easy = running[ObjectIdentifier(transfer)]?.easy else { return }
        // A failure inside ends the transfer; libcurl reports it as done.
        _ = ccurl_easy_resume(easy.handle)
    }

    mutating func cancel(_ transfer: any Transfer) { finish(transfer, Ending(failure: .cancelled)) }

    mutating func completeDone() {
        var failure = CCURL_OK
        while let handle = ccurl_multi_next_done(multi, &failure) {
            guard let context = ccurl_easy_context(handle) else { continue }
            let box = Unmanaged<TransferBox>.fromOpaque(context).takeUnretainedValue()
            finish(box.transfer, Ending(of: handle, failure))
        }
    }

    func deliver() {
        for running in running.values { running.box.transfer.deliver() }
    }

    mutating func cancelAll() {
        for running in Array(running.values) { finish(running.box.transfer, Ending(failure: .cancelled)) }
        for easy in spare { ccurl_easy_destroy(easy.handle) }
        spare = []
    }

    private mutating func finish(_ transfer: any Transfer, _ ending: Ending) {
        guard let ended = running.removeValue(forKey: ObjectIdentifier(transfer)) else { return }
        ccurl_multi_remove(multi, ended.easy.handle)
        keep(ended.easy)
        transfer.complete(ending)
    }

    private mutating func keep(_ easy: Easy) {
        // At once, not at the next use: it holds copies of headers and passwords.
        ccurl_easy_reset(easy.handle)
        if spare.count < spareMax { spare.append(easy) } else { ccurl_easy_destroy(easy.handle) }
    }
}

/// What a C callback can carry: a class reference.
private final class TransferBox {
    let transfer: any Transfer

    init(_ transfer: any Transfer) { self.transfer = transfer }

    static func transfer(_ context: UnsafeMutableRawPointer) -> any Transfer {
        Unmanaged<TransferBox>.fromOpaque(context).takeUnretainedValue().transfer
    }
}

// Function pointers that capture nothing.
private let callbacks = ccurl_callbacks(
    receive: { context, bytes, count in
        switch TransferBox.transfer(context).receive(UnsafeRawBufferPointer(start: bytes, count: count)) {
        case .taken: Int32(CCURL_TAKEN)
        case .paused: Int32(CCURL_PAUSED)
        case .abort: Int32(CCURL_ABORT)
        }
    },
    receive_line: { context, bytes, count in
        TransferBox.transfer(context).receiveLine(UnsafeRawBufferPointer(start: bytes, count: count))
    },
    fill: { context, bytes, room in
        TransferBox.transfer(context).fill(UnsafeMutableRawBufferPointer(start: bytes, count: room))
    },
    may_connect: { context, bytes, count in
        guard let address = IPAddress(bytes: Array(UnsafeBufferPointer(start: bytes, count: count))) else {
            return false
        }
        return TransferBox.transfer(context).mayConnect(to: address)
    },
    progress: { context, easy, received, sent in
        TransferBox.transfer(context).progress(
            Progress(
                received: received, sent: sent, elapsed: ccurl_easy_info(easy, CCURL_INFO_TOTAL_US),
                readyAt: ccurl_easy_info(easy, CCURL_INFO_READY_US)))
    }
)

extension Ending {
    fileprivate init(of easy: OpaquePointer, _ failure: ccurl_failure) {
        self.init(
            failure: Failure(failure), detail: String(cString: ccurl_easy_error(easy)),
            replyCode: Int(ccurl_easy_info(easy, CCURL_INFO_REPLY_CODE)),
            proxyCode: Int(ccurl_easy_info(easy, CCURL_INFO_PROXY_REPLY_CODE)),
            elapsed: ccurl_easy_info(easy, CCURL_INFO_TOTAL_US), readyAt: ccurl_easy_info(easy, CCURL_INFO_READY_US))
    }
}

extension Ending.Failure {
    fileprivate init(_ failure: ccurl_failure) {
        switch failure {
        case CCURL_OK: self = .none
        case CCURL_FAILED_NAME: self = .name
        case CCURL_FAILED_CONNECTION: self = .connection
        case CCURL_FAILED_TLS: self = .tls
        case CCURL_FAILED_TIMEOUT: self = .timeout
        case CCURL_FAILED_TRUNCATED: self = .truncated
        case CCURL_FAILED_MALFORMED: self = .malformed
        case CCURL_FAILED_PROXY: self = .proxy
        case CCURL_FAILED_LOGIN: self = .login
        case CCURL_FAILED_ABORTED: self = .aborted
        case CCURL_FAILED_REQUEST: self = .request
        default: self = .other
        }
    }
}
