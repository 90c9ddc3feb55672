public import CoreTypes
public import Outbound
public import ServiceRuntime
public import Texts

/// The notifier's settings, read once at start.
///
/// - `notifier.databasePath` (string, required): the SQLite file; its folder must exist.
/// - `notifier.supportAddress` (string, optional): the provider's support. Put on every new list, told where a merchant
///   has no list, and named in every mail.
/// - `notifier.supportLanguage` (`da` or `en`, default `da`).
/// - `notifier.senderAddress` (string, required): stands in `From`.
/// - `notifier.senderName` (string, default `Sluice`).
/// - `notifier.mailDomain` (string, default the sender's domain): what stands after the `@` of a Message-ID.
/// - `notifier.reminderHours` (int, default 24, 1 to 720): how often an open incident is mentioned again.
/// - `notifier.timeZone` (string, default `Europe/Copenhagen`): the zone of times in mails.
/// - `notifier.smtpHost` (string, required), `notifier.smtpPort` (int, default by security),
///   `notifier.smtpSecurity` (`starttls`, `tls` or `none`, default `starttls`), `notifier.smtpUser`,
///   `notifier.smtpPassword` (secret), `notifier.smtpCaFile` (PEM, default the system's authorities),
///   `notifier.smtpHelloName` (string, default `localhost`).
public struct NotifierConfiguration: Sendable {
    public var databasePath: String
    public var support: SupportContact?
    public var sender: Mailbox
    public var mailDomain: String
    public var remindEvery: Duration
    public var zone: LocalZone
    public var mailServer: SMTPServer

    /// - Throws: `SettingError`, which names the variable and its range.
    public init(reading settings: Settings) throws {
        databasePath = try settings.string("notifier.databasePath")
        support = try SupportContact(reading: settings)
        let senderAddress = try Self.address("notifier.senderAddress", settings.string("notifier.senderAddress"))
        sender = Mailbox(name: settings.string("notifier.senderName", default: "Sluice"), senderAddress)
        mailDomain = settings.optionalString("notifier.mailDomain") ?? senderAddress.domain
        // A Message-ID has the grammar of an address; one that has not would have every mail refused.
        _ = try Self.address("notifier.mailDomain", "message@\(mailDomain)")
        remindEvery = .seconds(try settings.int("notifier.reminderHours", default: 24, in: 1...720) * 3600)
        let zoneName = settings.string("notifier.timeZone", default: "Europe/Copenhagen")
        guard let zone = LocalZone(zoneName) else {
            throw SettingError(key: "notifier.timeZone", problem: "is '\(zoneName)', which is no known time zone")
        }
        self.zone = zone
        mailServer = try Self.mailServer(settings)
    }

    static func address(_ key: String, _ text: String) throws -> MailAddress {
        do {
            return try MailAddress(text)
        } catch {
            throw SettingError(key: key, problem: "is '\(text)', which is no e-mail address")
        }
    }

    private static func mailServer(_ settings: Settings) throws -> SMTPServer {
        let securities: [String: SMTPSecurity] = ["starttls": .startTLS, "tls": .tls, "none": .none]
        guard let security = securities[settings.string("notifier.smtpSecurity", default: "starttls").lowercased()]
        else { throw SettingError(key: "notifier.smtpSecurity", problem: "must be starttls, tls or none") }
        let port = try settings.optionalString("notifier.smtpPort").map { _ in
            try settings.int("notifier.smtpPort", default: 0, in: 1...65_535)
        }
        do {
            return try SMTPServer(
                host: settings.string("notifier.smtpHost"), port: port, security: security,
                credentials: try credentials(settings),
                trust: settings.optionalString("notifier.smtpCaFile").map { .authorities(file: $0) } ?? .system,
                helloName: settings.string("notifier.smtpHelloName", default: "localhost"))
        } catch let error as OutboundError {
            throw SettingError(key: "notifier.smtpHost", problem: "cannot be used: \(error)")
        }
    }

    private static func credentials(_ settings: Settings) throws -> SMTPCredentials? {
        switch (settings.optionalString("notifier.smtpUser"), settings.secret("notifier.smtpPassword")) {
        case (nil, nil): nil
        case (let user?, let password?): SMTPCredentials(user: user, password: password)
        case (nil, _): throw SettingError(key: "notifier.smtpUser", problem: "is missing beside the password")
        case (_, nil): throw SettingError(key: "notifier.smtpPassword", problem: "is missing beside the user")
        }
    }
}

/// Where the provider's support reads mail, and in which language.
public struct SupportContact: Sendable, Equatable {
    public var address: String
    public var language: Language

    public init(address: String, language: Language) {
        self.address = address
        self.language = language
    }

    /// - Returns: nil when no support address is set.
    init?(reading settings: Settings) throws {
        guard let text = settings.optionalString("notifier.supportAddress") else { return nil }
        let word = settings.string("notifier.supportLanguage", default: "da")
        guard let language = Language(rawValue: word) else {
            throw SettingError(key: "notifier.supportLanguage", problem: "must be da or en")
        }
        self.init(
            address: try NotifierConfiguration.address("notifier.supportAddress", text).description, language: language)
    }
}
