import CoreTypes
public import SchedulerAPI

/// What an outside system did wrong, in the product's terms: its class, the system's own short text, and whether
/// asking again may help.
public struct SystemFault: Error, Sendable, Equatable, CustomStringConvertible {
    public var failure: FailureClass
    /// The system's own words without credentials, cleaned and cut to ``detailMax`` characters.
    public var detail: String
    /// The HTTP status, where one was received.
    public var status: Int?
    /// The system's own error code, e.g. SAP's `301` or a shop's `count_mismatch`.
    public var code: String?
    /// What exactly is wrong, where the class does not say whose it is to mend.
    public var reason: FaultReason?
    /// Whether the same request may succeed a moment later.
    public var isPassing: Bool
    /// How long the system asked to be left alone.
    public var retryAfter: Duration?
    /// The page being read, from 1; nil outside reading.
    public var page: Int?
    /// The name the merchant gave the system; filled in by the connector.
    public var system: String

    static let detailMax = 200

    /// - Parameter secrets: Taken out of the system's words as they came: a secret that was cut or whose spaces were
    ///   folded would not be found any more.
    public init(
        _ failure: FailureClass, _ detail: String, status: Int? = nil, code: String? = nil, isPassing: Bool = false,
        retryAfter: Duration? = nil, page: Int? = nil, system: String = "", reason: FaultReason? = nil,
        withholding secrets: [String] = []
    ) {
        self.failure = failure
        self.reason = reason
        self.detail = SystemFault.cleaned(SystemFault.without(secrets, detail))
        self.status = status
        self.code = code.map { SystemFault.without(secrets, $0) }
        self.isPassing = isPassing
        self.retryAfter = retryAfter
        self.page = page
        self.system = system
    }

    public var description: String {
        let place = page.map { " on page \($0)" } ?? ""
        return "\(system.isEmpty ? "system" : system): \(failure.rawValue)\(place): \(detail)"
    }

    public func on(page: Int) -> SystemFault {
        var fault = self
        fault.page = page
        return fault
    }

    /// A path that is not there before anything was sent speaks of the system's version, whatever words it has for it.
    var inPreflight: SystemFault {
        guard failure == .shop, let status, [404, 405, 410, 501].contains(status) else { return self }
        var fault = self
        fault.failure = .version
        return fault
    }

    func from(_ system: String) -> SystemFault {
        var fault = self
        fault.system = system
        return fault
    }

    /// The fault with every occurrence of the secrets taken out of its text: for texts that are ours or a library's. What
    /// a system said goes through `withholding` of the initializer.
    func withholding(_ secrets: [String]) -> SystemFault {
        var fault = self
        fault.detail = Self.without(secrets, detail)
        return fault
    }

    private static func without(_ secrets: [String], _ text: String) -> String {
        secrets.filter { $0.utf8.count >= 3 }.reduce(text) { replacing($1, in: $0, with: "<redacted>") }
    }

    /// One line without control characters, at most ``detailMax`` characters.
    static func cleaned(_ text: String) -> String {
        var line = ""
        var endsInSpace = true
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F
            if isSpace, endsInSpace { continue }
            line.unicodeScalars.append(isSpace ? " " : scalar)
            endsInSpace = isSpace
        }
        if line.hasSuffix(" ") { line.removeLast() }
        return line.count <= detailMax ? line : String(line.prefix(detailMax - 1)) + "…"
    }
}

private func replacing(_ needle: String, in text: String, with replacement: String) -> String {
    let needle = Array(needle.utf8)
    var rest = Array(text.utf8)[...]
    var result: [UInt8] = []
    while let first = rest.first {
        if rest.starts(with: needle) {
            result += replacement.utf8
            rest = rest.dropFirst(needle.count)
        } else {
            result.append(first)
            rest = rest.dropFirst()
        }
    }
    return String(decoding: result, as: UTF8.self)
}
