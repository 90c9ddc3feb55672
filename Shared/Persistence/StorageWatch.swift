import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// Knows what is wrong with a database's disk now, and ends the process when the disk lost what was written.
final class StorageWatch: Sendable {
    private let path: String
    private let onLostTrust: @Sendable (StorageFault) -> Void
    private let state = Mutex<StorageFault?>(nil)

    init(path: String, onLostTrust: @escaping @Sendable (StorageFault) -> Void) {
        self.path = path
        self.onLostTrust = onLostTrust
    }

    /// What the last writing failed with; nil while all is well.
    var fault: StorageFault? { state.withLock { $0 } }

    /// A transaction reached the disk: whatever was wrong is over. What is damaged is so until all of it was looked at.
    func wrote() {
        state.withLock { fault in
            if fault != nil, fault?.kind != .damaged { fault = nil }
        }
    }

    /// All of the file was looked at: it is not damaged.
    func foundSound() { state.withLock { $0 = nil } }

    /// - Returns: The error to throw on: a ``StorageFault`` when it is the disk's.
    func note(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError, let fault = StorageFault(error, path: path) else { return error }
        // Somebody's long transaction is no fault of the disk.
        if fault.kind != .busy {
            state.withLock { known in
                if known?.kind != .damaged { known = fault }
            }
        }
        if fault.kind == .notKept { onLostTrust(fault) }
        return fault
    }

    /// A disk with less than 1 MiB left for whoever the process runs as is full: the next page of the log may not fit. A
    /// file system that says nothing of its size is taken at its word when it refuses a write.
    var lackOfRoom: StorageFault? {
        var figures = statvfs()
        guard statvfs(path, &figures) == 0, figures.f_blocks > 0 else { return nil }
        // What is kept back for root is there for root.
        let blocks = geteuid() == 0 ? figures.f_bfree : figures.f_bavail
        let free = UInt64(blocks) * UInt64(figures.f_frsize)
        guard free < 1 << 20 else { return nil }
        return StorageFault(.full, code: SQLITE_FULL, message: "\(free) bytes are free", path: path)
    }
}

extension ServiceDatabase {
    /// The exit code after which a supervisor starts the service again, calmly: the disk was at fault (EX_IOERR).
    public static let exitCodeOfDiskFaults: Int32 = 74

    /// Ends the process at once, as kill -9 would: after a failed fsync the system's cache may show what the disk does
    /// not have, and only what a fresh start finds on the disk counts.
    public static let endProcess: @Sendable (StorageFault) -> Void = { fault in
        FaultLine.write("sluice: \(fault)\n")
        _exit(exitCodeOfDiskFaults)
    }
}

private enum FaultLine {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Foundation.write(STDERR_FILENO, bytes, bytes.count)
    }
}
