import CoreTypes
import Keys
public import ServiceRuntime

/// The monitor's settings, read once at start.
///
/// - `monitor.databasePath` (string, required): the SQLite file; its folder must exist.
/// - `monitor.signingKeyPath` (string, required): the Ed25519 key that verdicts are signed with, as `sluice keys create`
///   writes it to `verdict-signing.key`.
public struct MonitorConfiguration: Sendable {
    public var databasePath: String
    public var signer: VerdictSigner

    /// - Throws: `SettingError` for a missing setting, `KeyError` for a file that holds no key.
    public init(reading settings: Settings) throws {
        databasePath = try settings.string("monitor.databasePath")
        let key = try KeyFile.read(settings.string("monitor.signingKeyPath"))
        signer = VerdictSigner(key: try SigningKey(rawRepresentation: key))
    }
}
