/// A value that must not reach a log, an answer or a backup in clear: it prints as `<redacted>`.
///
/// Deliberately not Codable and not Hashable. ``reveal()`` is the one way out, so a search finds every use.
public struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    public init(_ value: Value) { self.value = value }

    public func reveal() -> Value { value }

    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
