public import Configuration
public import CoreTypes

/// A setting is missing or out of its range; the process does not start.
public struct SettingError: Error, Equatable, CustomStringConvertible {
    /// The environment variable, as an operator sets it.
    public var variable: String
    public var problem: String

    public init(key: String, problem: String) {
        variable = Self.variable(for: key)
        self.problem = problem
    }

    public var description: String { "\(variable) \(problem). Set it in the environment of the service." }

    /// `scheduler.databasePath` → `SCHEDULER_DATABASE_PATH`
    static func variable(for key: String) -> String {
        var result = ""
        var previous: Character = "."
        for character in key {
            if previous.isLowercase, character.isUppercase { result.append("_") }
            result.append(character == "." ? "_" : character)
            previous = character
        }
        return result.uppercased()
    }
}

/// Reads the settings of one service; each error names the environment variable and the range.
public struct Settings: Sendable {
    private let reader: ConfigReader

    public init(_ reader: ConfigReader) { self.reader = reader }

    public func string(_ key: String) throws -> String {
        guard let value = reader.string(forKey: ConfigKey(key)), !value.isEmpty else {
            throw SettingError(key: key, problem: "is missing")
        }
        return value
    }

    public func string(_ key: String, default value: String) -> String {
        reader.string(forKey: ConfigKey(key)) ?? value
    }

    public func optionalString(_ key: String) -> String? {
        reader.string(forKey: ConfigKey(key)).flatMap { $0.isEmpty ? nil : $0 }
    }

    public func secret(_ key: String) -> Secret<String>? {
        reader.string(forKey: ConfigKey(key), isSecret: true).flatMap { $0.isEmpty ? nil : Secret($0) }
    }

    public func int(_ key: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = optionalString(key) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw SettingError(
                key: key,
                problem: "is '\(text)', but must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public func bool(_ key: String, default value: Bool) throws -> Bool {
        switch optionalString(key)?.lowercased() {
        case nil: value
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: throw SettingError(key: key, problem: "must be true or false")
        }
    }

    /// A list separated by commas; empty parts are left out.
    public func list(_ key: String) -> [String] {
        (optionalString(key) ?? "").split(separator: ",").map { part in
            String(part.drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
        }.filter { !$0.isEmpty }
    }
}
