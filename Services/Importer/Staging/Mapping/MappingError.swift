public import CoreTypes

/// Why a merchant's mapping cannot be used with a source.
public enum MappingError: Error, Sendable, Equatable {
    /// A module of the run needs something this source's items do not carry.
    case notInSource(module: String)
    /// Two price lists of the source go to one of the shop; which price would hold cannot be said.
    case twoListsToOne(String)
    /// An empty name, a shop code over 100 characters, or a default currency that is not three capital letters.
    case badName(String)
}

extension MappingError: ServiceErrorConvertible {
    public var serviceError: ServiceError {
        switch self {
        case .notInSource(let module):
            ServiceError(.invalidArgument, reason: "mapping_not_in_source", arguments: ["module": module])
        case .twoListsToOne(let list):
            ServiceError(.invalidArgument, reason: "mapping_two_price_lists_to_one", arguments: ["priceList": list])
        case .badName(let name):
            ServiceError(.invalidArgument, reason: "mapping_bad_name", arguments: ["name": name])
        }
    }
}
