/// What the driver asks of a candidate: `server` or `client`, then `name=value`.
public struct Arguments: Sendable {
    /// `server` or `client`.
    public let role: String
    private let values: [String: String]

    public init(_ arguments: [String] = CommandLine.arguments) {
        role = arguments.dropFirst().first ?? ""
        var values: [String: String] = [:]
        for argument in arguments.dropFirst(2) {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        self.values = values
    }

    /// The driver always gives what is needed: without it the program ends with its name.
    public func text(_ name: String) -> String {
        guard let value = values[name] else { fail("the argument \(name)=… is missing") }
        return value
    }

    public func number(_ name: String, default fallback: Int? = nil) -> Int {
        if values[name] == nil, let fallback { return fallback }
        guard let number = Int(text(name)) else { fail("\(name) is not a number") }
        return number
    }

    public func seconds(_ name: String) -> Duration {
        guard let seconds = Double(text(name)) else { fail("\(name) is not a number") }
        return .milliseconds(Int64(seconds * 1000))
    }

    public var measure: String { text("measure") }
    public var port: Int { number("port") }
    public var connections: Int { number("connections") }
    public var inFlight: Int { number("in-flight", default: 1) }
    /// Process id of the server, whose processor time is measured too.
    public var server: Int32 { Int32(number("server")) }

    /// A file of the folder that the driver put certificates into: `authority.pem`, `server.pem`, `server.key`, …
    public func certificate(_ file: String) -> String { "\(text("certificates"))/\(file)" }
}
