import CoreTypes
public import Keys
public import ServiceRuntime

/// The monitor's settings, read once at start.
///
/// - `monitor.databasePath` (string, required): the SQLite file; its folder must exist.
/// - `monitor.signingKeyPath` (string, required): the Ed25519 key that verdicts are signed with, as `sluice keys create`
///   writes it to `verdict-signing.key`.
/// - `monitor.receiptKeyPath` (string): another Ed25519 key for receipts, which other people check; without it the one
///   above.
public struct MonitorConfiguration: Sendable {
    public var databasePath: String
    public var signer: VerdictSigner
    public var receiptKey: SigningKey?

    /// - Throws: `SettingError` for a missing setting, `KeyError` for a file that holds no key.
    public init(reading settings: Settings) throws {
        databasePath = try settings.string("monitor.databasePath")
        let key = try KeyFile.read(settings.string("monitor.signingKeyPath"))
        signer = VerdictSigner(key: try SigningKey(rawRepresentation: key))
        receiptKey = try settings.optionalString("monitor.receiptKeyPath").map { path in
            try SigningKey(rawRepresentation: KeyFile.read(path))
        }
    }
}
