public import CoreTypes

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
        case .database(let code, let message):
            ServiceError(.internal, reason: "staging_database", arguments: ["code": "\(code)", "message": message])
        case .file(let what):
            ServiceError(.internal, reason: "staging_file", arguments: ["what": what])
        }
    }
}
