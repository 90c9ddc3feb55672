import JSON

/// The newest edit and the newest creation of any item, as one text that differs when either does.
///
/// Service Layer tells both to the second. So the text also has the key of the item that comes last of those of the newest
/// second, and how many those are: another item edited within that second shows, whatever its key. What does not show: the
/// same item edited twice within one second; an edit within a second in which ``rows`` items with higher keys were edited;
/// deletions; and what leaves `UpdateDate` as it was, as movements of stock do.
struct SAPChangeToken: Sendable, Equatable {
    static let fields = "ItemCode,CreateDate,CreateTime,UpdateDate,UpdateTime"
    /// So many of the newest items are looked at.
    static let rows = 50

    let text: String

    /// - Parameters:
    ///   - edited: The items edited last, the newest first and of one second the highest key first; `created` likewise.
    /// - Returns: nil when the source keeps neither date.
    init?(edited: [JSONValue], created: [JSONValue]) {
        let edit = Self.moment(of: edited, "UpdateDate", "UpdateTime")
        let creation = Self.moment(of: created, "CreateDate", "CreateTime")
        guard edit != nil || creation != nil else { return nil }
        text = (edit ?? "-") + " | " + (creation ?? "-")
    }

    private static func moment(of items: [JSONValue], _ date: String, _ time: String) -> String? {
        func second(_ item: JSONValue) -> String? {
            guard let day = item[date]?.text?.prefix(10), !day.isEmpty else { return nil }
            return "\(day)T\(item[time]?.text ?? "")"
        }
        guard let newest = items.first, let at = second(newest) else { return nil }
        let others = items.prefix { second($0) == at }.count - 1
        return "\(at) \(newest["ItemCode"]?.text ?? "")" + (others > 0 ? " +\(others)" : "")
    }
}
