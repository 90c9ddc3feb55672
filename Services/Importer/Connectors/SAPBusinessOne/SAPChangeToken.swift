import JSON

/// The newest edit and the newest creation of any item, as one text that differs when either does.
///
/// Service Layer tells both to the second; the item's key is part of it, so that two edits within one second differ
/// unless they are of the same item.
struct SAPChangeToken: Sendable, Equatable {
    static let fields = "ItemCode,CreateDate,CreateTime,UpdateDate,UpdateTime"

    let text: String

    /// - Returns: nil when the source keeps neither date.
    init?(edited: JSONValue?, created: JSONValue?) {
        let edit = Self.moment(of: edited, "UpdateDate", "UpdateTime")
        let creation = Self.moment(of: created, "CreateDate", "CreateTime")
        guard edit != nil || creation != nil else { return nil }
        text = (edit ?? "-") + " | " + (creation ?? "-")
    }

    private static func moment(of item: JSONValue?, _ date: String, _ time: String) -> String? {
        guard let day = item?[date]?.text?.prefix(10), !day.isEmpty else { return nil }
        return "\(day)T\(item?[time]?.text ?? "") \(item?["ItemCode"]?.text ?? "")"
    }
}
