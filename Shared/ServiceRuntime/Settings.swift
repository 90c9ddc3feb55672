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
        key.reduce(into: "") { result, character in
            if character == "." {
                result.append("_")
            } else {
                if character.isUppercase { result.append("_") }
                result.append(contentsOf: character.uppercased())
            }
        }
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

/// A host and a port, as `localhost:7401` or `[::1]:7401`.
public struct SocketEndpoint: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Settings {
    public func endpoint(_ key: String, default value: String) throws -> SocketEndpoint {
        guard let endpoint = SocketEndpoint(string(key, default: value)) else {
            throw SettingError(key: key, problem: "must be host:port")
        }
        return endpoint
    }

    /// One or more addresses of a service, separated by commas, in the order they are tried.
    public func endpoints(_ key: String, default value: String) throws -> [SocketEndpoint] {
        let parts = list(key).isEmpty ? [value] : list(key)
        return try parts.map { part in
            guard let endpoint = SocketEndpoint(part) else {
                throw SettingError(key: key, problem: "must be host:port, or several separated by commas")
            }
            return endpoint
        }
    }
}
