import CoreTypes
import Logging
import Outbound
public import RPC
import ServiceRuntime
import Texts

/// A service whose disk is watched.
public struct WatchedService: Sendable {
    public var name: String
    /// nil when it did not answer; then nothing is known of its disk.
    public var health: @Sendable () async -> HealthReport?

    public init(_ name: String, health: @escaping @Sendable () async -> HealthReport?) {
        self.name = name
        self.health = health
    }

    /// Asked by call, for five seconds at most.
    public init(_ name: String, through caller: any RPCCaller) {
        self.init(name) { try? await caller.call(CheckHealth(), within: .seconds(5)) }
    }
}

/// Tells support once when a service can store nothing, because its disk is full or fails, and once when all can again.
///
/// These mails go beside the queue: the full disk may be the notifier's own, so nothing has to be stored for them to go out.
/// What was told is only remembered, so a notifier that is started anew meanwhile tells once more.
///
///     well ── a service stores nothing, twice in a row ──▶ told ── all store for ten passes ──▶ well
///                                                         │  ▲
///                                                         └──┘ another service joins
actor DiskWatch {
    /// How many passes in a row all is well before that is told: a disk at its limit comes and goes.
    static let passesWell = 10

    private let services: [WatchedService]
    private let transport: any MailTransport
    private let support: SupportContact?
    private let mailDomain: String
    private let setting: MailSetting
    private let environment: ServiceEnvironment
    /// What a service that stores nothing says, by its name, as of the last pass.
    private var seen: [String: String] = [:]
    private var told: Set<String> = []
    private var since: Instant?
    private var wellFor = 0

    init(
        _ services: [WatchedService], transport: any MailTransport, support: SupportContact?, mailDomain: String,
        setting: MailSetting, environment: ServiceEnvironment
    ) {
        self.services = services
        self.transport = transport
        self.support = support
        self.mailDomain = mailDomain
        self.setting = setting
        self.environment = environment
    }

    /// Asks every service once. A mail that is not accepted is written anew by the next pass.
    func pass() async {
        let before = seen
        await look()
        if seen.isEmpty { return await noteWell() }
        wellFor = 0
        // What is over by the next look, as a long transaction, is no incident.
        let lasting = seen.filter { before[$0.key] != nil }
        guard !Set(lasting.keys).isSubset(of: told) else { return }
        let since = since ?? environment.wallClock.now()
        if await send("disk", lasting, since) {
            self.since = since
            told.formUnion(lasting.keys)
        }
    }

    private func noteWell() async {
        guard let since else { return }
        wellFor += 1
        guard wellFor >= Self.passesWell else { return }
        let names = Dictionary(uniqueKeysWithValues: told.map { ($0, "") })
        guard await send("disk_recovery", names, since) else { return }
        told = []
        self.since = nil
        wellFor = 0
    }

    private func look() async {
        let reports = await withTaskGroup(of: (String, HealthReport?).self) { group in
            for service in services { group.addTask { (service.name, await service.health()) } }
            var reports: [(String, HealthReport)] = []
            for await case (let name, let report?) in group { reports.append((name, report)) }
            return reports
        }
        for (name, report) in reports {
            seen[name] = report.isDatabaseUsable == false ? report.notes.joined(separator: " ") : nil
        }
    }

    /// - Parameter key: Of the mail's texts.
    /// - Returns: Whether nobody needs to be written to about this again.
    private func send(_ key: String, _ services: [String: String], _ since: Instant) async -> Bool {
        let names = services.keys.sorted()
        environment.logger.error(
            key == "disk" ? "Services can store nothing." : "All services can store again.",
            metadata: ["services": "\(names.joined(separator: ", "))"])
        guard let support else { return true }
        let now = environment.wallClock.now()
        var writer = MailWriter(
            support.language, setting, ["services": names.joined(separator: ", "), "since": since.description])
        let subject = writer.phrase("mail_subject_\(key)")
        writer.add("mail_greeting")
        writer.add(line: "")
        writer.add("mail_\(key)")
        for name in names {
            if let note = services[name], !note.isEmpty { writer.add(line: "* \(name): \(note)") }
        }
        writer.add(key == "disk" ? "mail_disk_do" : "mail_nothing_to_do")
        writer.close()
        let outcome = await transport.send(
            Letter(
                messageID: "disk-\(since.milliseconds)-\(key)-\(names.joined(separator: "-"))@\(mailDomain)",
                inReplyTo: nil, address: support.address, subject: subject, text: writer.text, missingItems: nil,
                date: now))
        switch outcome {
        case .accepted: return true
        case .interrupted: return false
        case .delayed(let error), .refused(let error):
            environment.logger.error(
                "The mail about services that can store nothing was not accepted.", metadata: ["error": "\(error)"])
            return false
        }
    }
}
