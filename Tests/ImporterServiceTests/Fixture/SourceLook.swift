/// What a request for items asks the simulated ERP.
enum SourceLook: Equatable {
    /// The count, also that of the pre-flight.
    case count
    /// The pre-flight's one item.
    case probe
    /// The newest items.
    case token
    case page
    /// A page of keys only.
    case sweep

    /// - Returns: nil for what is no request for items of the ERP.
    init?(_ url: String) {
        let url = url.replacing("%24", with: "$")
        guard url.contains("/sap/") else { return nil }
        if url.contains("/Items/$count") {
            self = .count
            return
        }
        guard let query = url.split(separator: "?").dropFirst().first, url.contains("/Items?") else { return nil }
        let options = query.split(separator: "&")
        if options.contains("$top=1") {
            self = .probe
        } else if options.contains(where: { $0.hasPrefix("$top=") }) {
            self = .token
        } else {
            self = options.contains("$select=ItemCode") ? .sweep : .page
        }
    }
}
