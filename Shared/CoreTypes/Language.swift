/// A language of the text catalogue.
public enum Language: String, Codable, Sendable, CaseIterable {
    case danish = "da"
    case english = "en"
}
