public import ImporterAPI

/// A cause that has words of its own in the text catalogue, because somebody else than the system's people can mend it.
public enum FaultReason: Sendable, Equatable {
    /// The mapping names a field the source does not have.
    case unknownField(String)
    /// The source does not take the filter that was set for the connection.
    case filter(String)
    /// The system was entered without this option, or with a value that cannot be.
    case option(String)
    /// The importers do not have the key any more that the credentials were sealed to.
    case sealedOtherwise
    /// The stored credentials are incomplete, or were given for another address.
    case credentials
    /// The operator does not let merchants' systems be in this range.
    case privateAddress(String)

    public var textKey: String {
        switch self {
        case .unknownField: "run_failed_mapping"
        case .filter: "run_failed_filter"
        case .option: "run_failed_option"
        case .sealedOtherwise: "run_failed_sealed_otherwise"
        case .credentials: "run_failed_credentials"
        case .privateAddress: "run_failed_private_address"
        }
    }

    /// What its sentences are filled with, beside the system and its words.
    public var arguments: [String: String] {
        switch self {
        case .unknownField(let field): ["field": SystemFault.cleaned(field)]
        case .filter(let filter): ["filter": SystemFault.cleaned(filter)]
        case .option(let option): ["option": option]
        case .privateAddress(let address): ["address": SystemFault.cleaned(address)]
        case .sealedOtherwise, .credentials: [:]
        }
    }
}

extension ProbeStep {
    /// A step that has failed.
    public init(_ name: String, durationMs: Int64, _ fault: SystemFault) {
        self.init(
            name: name, durationMs: durationMs, failure: fault.failure, detail: SystemFault.cleaned(fault.detail),
            reason: fault.reason?.textKey, arguments: fault.reason?.arguments)
    }
}
