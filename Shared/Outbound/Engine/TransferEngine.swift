import CCurl
import Synchronization

/// Runs transfers over libcurl's multi interface on one thread of its own.
///
/// Other threads leave commands and wake it; libcurl's handles never leave the thread. The thread holds the engine, so
/// the engine lives until ``stop()``.
final class TransferEngine: Sendable {
    private enum Command {
        case start(any Transfer)
        case resume(any Transfer)
        case cancel(any Transfer)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
    }

    private let inbox = Mutex(Inbox())
    // The thread's own, but for `ccurl_multi_wake`, which libcurl lets any thread call while the multi lives.
    private nonisolated(unsafe) let multi: OpaquePointer

    init(connectionsKept: Int, connectionsPerHost: Int) {
        guard isLibcurlReady, let multi = ccurl_multi_create(Int32(connectionsKept), Int32(connectionsPerHost)) else {
            preconditionFailure("libcurl cannot be initialised: out of memory")
        }
        self.multi = multi
        let started = ccurl_thread_start(
            { context in Unmanaged<TransferEngine>.fromOpaque(context).takeRetainedValue().run() },
            Unmanaged.passRetained(self).toOpaque())
        precondition(started, "no thread can be started")
    }

    func start(_ transfer: any Transfer) {
        let isAccepted = post(.start(transfer))
        if !isAccepted { transfer.complete(Ending(failure: .cancelled)) }
    }

    /// Lets a transfer that paused itself go on.
    func resume(_ transfer: any Transfer) { _ = post(.resume(transfer)) }

    /// Ends a transfer with `.cancelled`, unless it has ended.
    func cancel(_ transfer: any Transfer) { _ = post(.cancel(transfer)) }

    /// Ends every transfer with `.cancelled`, then the thread. Calling it again does nothing.
    func stop() {
        inbox.withLock { inbox in
            guard !inbox.isStopping else { return }
            inbox.isStopping = true
            ccurl_multi_wake(multi)
        }
    }

    /// - Returns: whether the engine is still running and will see the command.
    private func post(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isStopping else { return false }
            inbox.commands.append(command)
            // Inside the lock: once `isStopping` has been seen by the thread, the multi may be gone.
            if inbox.commands.count == 1 { ccurl_multi_wake(multi) }
            return true
        }
    }

    // MARK: The thread

    private func run() {
        var table = TransferTable(multi: multi)
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands.removeAll() }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands {
                switch command {
                case .start(let transfer): table.start(transfer)
                case .resume(let transfer): table.resume(transfer)
                case .cancel(let transfer): table.cancel(transfer)
                }
            }
            if isStopping { break }
            ccurl_multi_perform(multi)
            table.completeDone()
            table.deliver()
            // Transfers measure silence themselves in `progress`, which libcurl calls from `perform`.
            ccurl_multi_wait(multi, table.isEmpty ? 60_000 : 200)
        }
        table.cancelAll()
        ccurl_multi_destroy(multi)
    }
}

private let isLibcurlReady = ccurl_start()
