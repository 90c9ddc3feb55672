import JSON
import ServiceRuntime

/// Writes to standard output: JSON for programs, or lines for people.
struct Output: Sendable {
    let isJSON: Bool

    func show(_ value: some Encodable, _ lines: () throws -> [String]) throws {
        if isJSON {
            print(try JSON.encodeText(value))
        } else {
            for line in try lines() { print(line) }
        }
    }

    /// A hint that belongs to people only.
    func hint(_ line: String) {
        if !isJSON { print(line) }
    }

    static func complain(_ line: String) {
        StandardError.write(line + "\n")
    }
}
