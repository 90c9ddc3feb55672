/// One exchange with another host, as the engine sees it.
///
/// The engine calls `configure` first, then the middle five from inside libcurl and `deliver` after each pass, and
/// `complete` last and exactly once; all of them on its own thread.
protocol Transfer: AnyObject, Sendable {
    /// Whether the caller has given up already; then the engine completes the transfer without starting it.
    var isCancelled: Bool { get }

    func configure(_ easy: Easy) throws(OutboundError)
    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception
    /// Takes one header or reply line with its line end; false ends the transfer.
    func receiveLine(_ line: UnsafeRawBufferPointer) -> Bool
    /// Returns how much of `room` was filled; 0 ends the upload.
    func fill(_ room: UnsafeMutableRawBufferPointer) -> Int
    func mayConnect(to address: IPAddress) -> Bool
    /// Returns false to end the transfer.
    func progress(_ progress: Progress) -> Bool
    /// Hands over what has come; once per pass and not per callback, because waking a task costs more than the callback.
    func deliver()
    func complete(_ ending: Ending)
}

/// What becomes of bytes that have arrived.
enum Reception {
    case taken
    /// Nothing was taken; the same bytes come again after `TransferEngine.resume`.
    case paused
    case abort
}

/// How far a transfer has come. Times count from its start, in microseconds.
struct Progress {
    var received: Int64
    var sent: Int64
    var elapsed: Int64
    /// When the connection, TLS included, was ready; 0 before.
    var readyAt: Int64
}

/// How a transfer ended, before anyone has made sense of it.
struct Ending {
    enum Failure {
        case none, name, connection, tls, timeout, truncated, malformed, proxy, login, aborted, request, other
        /// Never started, or ended from outside.
        case cancelled
    }

    var failure: Failure
    /// In libcurl's words.
    var detail = ""
    /// The last status or reply code; 0 when there was none.
    var replyCode = 0
    /// The proxy's answer to CONNECT; 0 when there was none.
    var proxyCode = 0
    var elapsed: Int64 = 0
    var readyAt: Int64 = 0
    /// What `configure` threw, if that is why.
    var cause: OutboundError?
}
