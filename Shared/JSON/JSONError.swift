/// Why a text could not be read: where it went wrong, and what was expected there. Never quotes the text.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where in the value: `systems[3].name`; empty for the whole.
    public var path: String
    /// Which byte, counted from 0.
    public var offset: Int
    /// What was expected, in plain words.
    public var problem: String
    /// Whether the text is no JSON at all, rather than JSON of another shape.
    public var isMalformed: Bool

    public init(path: String, offset: Int, problem: String, isMalformed: Bool) {
        self.path = path
        self.offset = offset
        self.problem = problem
        self.isMalformed = isMalformed
    }

    public var description: String {
        "\(path.isEmpty ? "" : path + ": ")\(problem) (at byte \(offset))"
    }
}

extension JSONError {
    static let problemCharactersMax = 200

    init(_ fault: ScanFault, path: String = "") {
        self.init(path: path, offset: fault.offset, problem: fault.problem.rawValue, isMalformed: true)
    }

    /// What a Codable type threw while it read `root`.
    init(_ error: any Error, in text: JSONText) {
        if let error = error as? JSONError {
            self = error
            return
        }
        let (path, problem) = Self.places(error)
        let reached = text.entry(at: path)
        self.init(
            path: JSONPath.text(path), offset: text.offset(of: reached),
            problem: String(problem.prefix(Self.problemCharactersMax)), isMalformed: false)
    }

    private static func places(_ error: any Error) -> (path: [any CodingKey], problem: String) {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
        case .valueNotFound(_, let context): (context.codingPath, context.debugDescription)
        case .typeMismatch(_, let context): (context.codingPath, context.debugDescription)
        case .dataCorrupted(let context): (context.codingPath, context.debugDescription)
        case .some: ([], "cannot be read")
        case nil: ([], "refused: \(error)")
        }
    }
}

/// A step of a path into a value.
struct JSONPathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }
}

enum JSONPath {
    /// `systems[3].name`
    static func text(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
    }
}
