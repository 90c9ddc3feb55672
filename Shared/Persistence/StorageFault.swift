public import CoreTypes
import GRDB

/// What is wrong with the disk under a database, or with the file on it. Nothing that failed with one was stored.
public struct StorageFault: Error, Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// No room is left. Reading goes on; writing goes on by itself when there is room again.
        case full
        /// The disk answers with errors, or the file cannot be opened.
        case failing
        /// The disk or the file may not be written to.
        case readOnly
        /// Somebody else has held the file too long.
        case busy
        /// What was read is not a sound database: the file is damaged, or the disk could not read it rightly.
        case damaged
        /// The disk said that it lost what was written. What the process still remembers of the file may be untrue, so
        /// it has to start anew.
        case notKept
    }

    public var kind: Kind
    /// SQLite's extended result code.
    public var code: Int32
    /// SQLite's words, for the log.
    public var message: String
    /// The file, for the log.
    public var path: String

    public init(_ kind: Kind, code: Int32, message: String, path: String) {
        self.kind = kind
        self.code = code
        self.message = message
        self.path = path
    }

    /// - Parameter code: SQLite's extended result code.
    /// - Returns: nil when the error is not the disk's: a constraint, a mistake in our SQL.
    public init?(code: Int32, message: String, path: String) {
        guard let kind = Kind(ResultCode(rawValue: code)) else { return nil }
        self.init(kind, code: code, message: message, path: path)
    }

    init?(_ error: DatabaseError, path: String) {
        self.init(
            code: error.extendedResultCode.rawValue, message: error.message ?? "\(error.resultCode)", path: path)
    }
}

extension StorageFault.Kind {
    init?(_ extended: ResultCode) {
        switch extended {
        // What the disk did not keep, and a shared-memory file there was no room for.
        case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC: self = .notKept
        case .SQLITE_IOERR_SHMSIZE: self = .full
        default:
            switch extended.primaryResultCode {
            case .SQLITE_FULL: self = .full
            case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL: self = .failing
            case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly
            case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged
            default: return nil
            }
        }
    }
}

extension StorageFault: ServiceErrorConvertible {
    /// What a caller sees: no path, and none of SQLite's words.
    public var serviceError: ServiceError {
        switch kind {
        case .full: ServiceError(.resourceExhausted, reason: "storage_full", retryAfterMs: 5000)
        case .failing: ServiceError(.unavailable, reason: "storage_failing", retryAfterMs: 5000)
        case .readOnly: ServiceError(.unavailable, reason: "storage_read_only", retryAfterMs: 5000)
        case .busy: ServiceError(.unavailable, reason: "storage_busy", retryAfterMs: 1000)
        case .damaged: ServiceError(.dataLoss, reason: "storage_damaged")
        case .notKept: ServiceError(.unavailable, reason: "storage_failing", retryAfterMs: 5000)
        }
    }
}

extension StorageFault: CustomStringConvertible {
    /// For the log and the health report: what it means, and what to do.
    public var description: String {
        switch kind {
        case .full:
            "The disk of this service is full: it reads, but stores nothing. Make room on the disk of \(path); "
                + "the service goes on by itself. (\(details))"
        case .failing:
            "The disk of this service fails, and nothing is stored. Check the disk of \(path) and the system's log; "
                + "the service goes on by itself once the disk does. (\(details))"
        case .readOnly:
            "\(path) may only be read, so nothing is stored. Check who owns it, and whether its disk was mounted for "
                + "reading after an error. (\(details))"
        case .busy:
            "\(path) is held by another program. Only its service may open it: look for a second one. (\(details))"
        case .damaged:
            "What was read of \(path) is damaged. Check its disk; if this lasts, stop the service, keep the file, and "
                + "restore a back-up. (\(details))"
        case .notKept:
            "The disk did not keep what was written to \(path). The service ends, so that it starts again from what is "
                + "on the disk. Check the disk and the system's log. (\(details))"
        }
    }

    private var details: String { "SQLite \(code): \(message)" }
}
