import CoreTypes
public import ServiceRuntime

/// The sandbox's settings, read once at start.
///
/// - `sandbox.databasePath` (string, required): the SQLite file; its folder must exist.
/// - `sandbox.listenHost` (string, default `127.0.0.1`): where HTTPS and SMTP are served. The sandbox is no place for
///   outsiders: leave it at the loopback address.
/// - `sandbox.httpsPort` (int, default 7420) and `sandbox.smtpPort` (int, default 7425).
/// - `sandbox.certificate`, `sandbox.key` (paths, required): PEM of the certificate with the DNS name that clients use.
/// - `sandbox.mailUser`, `sandbox.mailPassword` (strings): whom the mailbox lets in; without them, everybody.
public struct SandboxConfiguration: Sendable {
    public var databasePath: String
    public var listenHost: String
    public var httpsPort: Int
    public var smtpPort: Int
    public var certificatePath: String
    public var keyPath: String
    public var smtp: SMTPSettings

    /// - Throws: `SettingError`, naming the variable and its range.
    public init(reading settings: Settings) throws {
        databasePath = try settings.string("sandbox.databasePath")
        listenHost = settings.string("sandbox.listenHost", default: "127.0.0.1")
        httpsPort = try settings.int("sandbox.httpsPort", default: 7420, in: 0...65_535)
        smtpPort = try settings.int("sandbox.smtpPort", default: 7425, in: 0...65_535)
        certificatePath = try settings.string("sandbox.certificate")
        keyPath = try settings.string("sandbox.key")
        smtp = SMTPSettings(
            user: settings.optionalString("sandbox.mailUser"),
            password: settings.secret("sandbox.mailPassword")?.reveal())
    }
}
