public import CoreTypes
public import Persistence

/// Why staging or the published set cannot do what was asked.
public enum StagingError: Error, Sendable, Equatable {
    /// The body of a page is not what it should be.
    case page(ScanFailure)
    /// A newer run of the connection has already published.
    case superseded(highest: Int64)
    /// The file belongs to another run or an older claim.
    case otherRun
    /// The set was staged under another mapping, layout or choice of modules.
    case otherMapping
    case notFound
    /// The staged set has keys twice and cannot be compared or published.
    case duplicates
    /// Asked for before the set was complete: call `seal` first.
    case notSealed
    /// The file is not what was written; what is damaged.
    case damaged(String)
    /// The disk's fault, or that of the file on it.
    case storage(StorageFault)
    /// Ours: SQLite refuses what it is told.
    case database(code: Int32, message: String)
    case file(String)
}

extension StagingError: ServiceErrorConvertible {
    public var serviceError: ServiceError {
        switch self {
        case .page(let failure):
            ServiceError(
                .failedPrecondition, reason: "staging_page_unreadable",
                arguments: [
                    "what": failure.kind.rawValue, "offset": "\(failure.offset)", "item": "\(failure.item)",
                ])
        case .superseded(let highest):
            ServiceError(.aborted, reason: "run_superseded", arguments: ["highest": "\(highest)"])
        case .otherRun, .otherMapping, .notFound, .duplicates, .notSealed:
            ServiceError(.failedPrecondition, reason: "staging_not_usable", arguments: ["what": "\(self)"])
        case .damaged(let what):
            ServiceError(.dataLoss, reason: "staging_damaged", arguments: ["what": what])
        case .storage(let fault): fault.serviceError
        case .database(let code, let message):
            ServiceError(.internal, reason: "staging_database", arguments: ["code": "\(code)", "message": message])
        case .file(let what):
            ServiceError(.internal, reason: "staging_file", arguments: ["what": what])
        }
    }
}

extension StagingError: CustomStringConvertible {
    /// For the log and the report of a run: no path, and of the disk's faults none of SQLite's words.
    public var description: String {
        switch self {
        case .page(let failure): "the page cannot be read: \(failure.kind.rawValue) at byte \(failure.offset)"
        case .superseded(let highest): "a newer run (\(highest)) has published"
        case .otherRun: "the file is of another run"
        case .otherMapping: "the set was staged under another mapping or for other modules"
        case .notFound: "there is no such file"
        case .duplicates: "the staged set has keys twice"
        case .notSealed: "the staged set is not complete"
        case .damaged(let what): "not what was written: \(what)"
        case .storage(let fault): fault.kind.words + " (SQLite \(fault.code))"
        case .database(let code, let message): "SQLite \(code): \(message)"
        case .file(let what): what
        }
    }
}

extension StorageFault.Kind {
    fileprivate var words: String {
        switch self {
        case .full: "the importer's disk is full"
        case .failing, .notKept: "the importer's disk fails"
        case .readOnly: "the importer's files may only be read"
        case .busy: "a file of the importer is held by another program"
        case .damaged: "a file of the importer is damaged"
        }
    }
}
