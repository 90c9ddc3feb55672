public import CoreTypes
import JSON
import SchedulerAPI

/// Opened credentials of an outside system; in memory only, for as long as the run.
public struct Credentials: Sendable {
    private let members: [String: Secret<String>]

    /// - Parameter plaintext: A JSON object of strings: `{"user":…,"password":…}` or `{"apiKey":…}`.
    /// - Throws: ``SystemFault`` of class `login`; its text never holds any of it.
    public init(_ plaintext: Secret<[UInt8]>, of system: String) throws {
        guard let value = try? JSON.decode([String: String].self, from: plaintext.reveal()) else {
            throw SystemFault(.login, "the stored credentials cannot be read", reason: .credentials).from(system)
        }
        members = value.mapValues { Secret($0) }
    }

    func required(_ name: String, of system: String) throws -> Secret<String> {
        guard let secret = members[name], !secret.reveal().isEmpty else {
            throw SystemFault(.login, "the stored credentials lack \(name)", reason: .credentials).from(system)
        }
        return secret
    }
}
