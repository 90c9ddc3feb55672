import CoreTypes
import GRDB
import Logging
import Messaging
import NotifierAPI
import Persistence
import ServiceRuntime
import Synchronization

/// Sends the mails that are due, each to its one recipient.
///
/// The attempt is committed before the mail goes out and the answer after it. A crash in between sends the same mail,
/// with the same Message-ID, once more.
final class Deliveries: Sendable {
    /// Attempts made side by side, so that one slow mailbox does not hold up the others.
    static let atOnce = 8
    /// How long after the first attempt a mail is given up.
    static let patience = Duration.seconds(24 * 3600)
    static let backoff = Backoff(first: .seconds(30), longest: .seconds(3600))

    let database: NotifierDatabase
    let transport: any MailTransport
    /// What stands after the `@` of a Message-ID.
    let mailDomain: String
    let environment: ServiceEnvironment
    /// Whether what the end of the last process cut off has been taken up; the service alone has the file.
    private let hasTakenUp = Mutex(false)

    init(
        database: NotifierDatabase, transport: any MailTransport, mailDomain: String, environment: ServiceEnvironment
    ) {
        self.database = database
        self.transport = transport
        self.mailDomain = mailDomain
        self.environment = environment
    }

    /// One pass at a time: when it begins nothing is on its way, so what is still marked as sending was cut off.
    ///
    /// - Returns: Whether there was a mail to send.
    func pass() async throws -> Bool {
        let now = environment.wallClock.now()
        let isFirst = hasTakenUp.withLock { !$0 }
        let due = try await database.database.write(
            NotifierStep.claim, environment.crashPoints, isDone: { !$0.isEmpty }
        ) { db in
            // What this process could not note waits, so that a sick disk does not send one mail over and over.
            try MessageTable.requeueInterrupted(at: isFirst ? now : now + Self.backoff.first, db)
            try MessageTable.parkUnannouncedRecoveries(db)
            return try MessageTable.claimDue(
                limit: Self.atOnce, at: now, latest: now + Self.backoff.longest * 1.2, db)
        }
        hasTakenUp.withLock { $0 = true }
        guard !due.isEmpty else { return false }
        await withDiscardingTaskGroup { group in
            for message in due { group.addTask { await self.attempt(message) } }
        }
        return true
    }

    /// A mail whose answer cannot be noted concerns no other; the next pass finds it still marked as sending.
    private func attempt(_ message: DueMessage) async {
        do {
            try await deliver(message)
        } catch is CancellationError {
            return  // The process ends; its next start takes the mail up.
        } catch {
            environment.logger.error(
                "The answer to a mail could not be written down; the mail will be sent again.",
                metadata: ["message.id": "\(message.messageID)", "error": "\(error)"])
        }
    }

    private func deliver(_ message: DueMessage) async throws {
        let outcome = await transport.send(
            Letter(
                messageID: "\(message.messageID)@\(mailDomain)",
                inReplyTo: message.inReplyTo.map { "\($0)@\(mailDomain)" },
                address: message.address, subject: message.subject, text: message.text,
                missingItems: message.missingItems, date: message.createdAt))
        environment.crashPoints.passing(NotifierStep.sent)
        let verdict = DeliveryVerdict(
            of: outcome, message, at: environment.wallClock.now(),
            jitter: environment.randomness.jitter(in: 0.8...1.2))
        try await database.database.write(NotifierStep.answer, environment.crashPoints) { db in
            try verdict.note(on: message.messageID, db)
        }
        report(verdict, message)
    }

    private func report(_ verdict: DeliveryVerdict, _ message: DueMessage) {
        let metadata: Logger.Metadata = ["message.id": "\(message.messageID)", "attempt": "\(message.attempt)"]
        switch verdict {
        case .accepted: environment.logger.debug("A mail was accepted.", metadata: metadata)
        case .retried(_, let error):
            environment.logger.notice(
                "A mail will be tried again.", metadata: metadata.merging(["error": "\(error)"]) { $1 })
        case .parked(let error):
            environment.logger.error(
                "A mail could not be sent and was parked.", metadata: metadata.merging(["error": "\(error)"]) { $1 })
        }
    }
}

/// What the answer to an attempt means for the mail. Pure.
enum DeliveryVerdict: Sendable, Equatable {
    case accepted(at: Instant, answer: String)
    case retried(at: Instant, error: String)
    case parked(error: String)

    init(of outcome: SendOutcome, _ message: DueMessage, at now: Instant, jitter: Double) {
        switch outcome {
        case .accepted(let answer): self = .accepted(at: now, answer: answer)
        case .refused(let error): self = .parked(error: error)
        case .interrupted: self = .retried(at: now, error: "cut off by the end of the service")
        case .delayed(let error):
            let next = now + Deliveries.backoff.delay(afterAttempt: message.attempt, jitter: jitter)
            let isGivenUp = next - message.firstAttemptAt > Deliveries.patience
            self = isGivenUp ? .parked(error: "given up after 24 hours: \(error)") : .retried(at: next, error: error)
        }
    }

    func note(on id: MessageID, _ db: Database) throws {
        switch self {
        case .accepted(let now, let answer): try MessageTable.noteAccepted(id, answer, at: now, db)
        case .retried(let next, let error): try MessageTable.noteDelay(id, error, until: next, db)
        case .parked(let error): try MessageTable.notePark(id, error, db)
        }
    }
}
