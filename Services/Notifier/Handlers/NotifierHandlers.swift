import CoreTypes
import GRDB
import Messaging
import NotifierAPI
import RPC
import ServiceRuntime

/// What the notifier answers; one file per subject.
struct NotifierHandlers: Sendable {
    let database: NotifierDatabase
    let lists: AddressLists
    let desk: IncidentDesk
    let mails: MailSetting
    let environment: ServiceEnvironment
    /// Wakes the delivery loop when there is something to send.
    let newMail: Wake

    /// Adds every request of ``NotifierAPI`` to a router.
    func register(on router: inout Router) {
        router.register(ListRecipients.self, listRecipients)
        router.register(SetRecipients.self, setRecipients)
        router.register(AddRecipient.self, addRecipient)
        router.register(RemoveRecipient.self, removeRecipient)
        router.register(SendTest.self, sendTest)
        router.register(ListIncidents.self, listIncidents)
        router.register(DescribeIncident.self, describeIncident)
        router.register(ListMessages.self, listMessages)
        router.register(DescribeMessage.self, describeMessage)
        router.register(ResendMessage.self, resendMessage)
        router.register(DeliverEvents<NotifierAPI>.self, deliverEvents)
    }

    var now: Instant { environment.wallClock.now() }

    /// One transaction, with the crash points of `step`.
    func write<Value: Sendable>(
        _ step: NotifierStep, isDone: @escaping @Sendable (Value) -> Bool = { _ in true },
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await database.database.write(step, environment.crashPoints, isDone: isDone, body)
    }

    /// - Throws: `invalidArgument` (`limit_out_of_range`) outside 1 to 200.
    static func limit(_ limit: Int?) throws -> Int {
        guard (1...200).contains(limit ?? 50) else {
            throw ServiceError(.invalidArgument, reason: "limit_out_of_range", arguments: ["from": "1", "to": "200"])
        }
        return limit ?? 50
    }

    /// - Throws: `invalidArgument` (`reason_required`) outside 1 to 200 characters.
    static func checkReason(_ reason: String) throws {
        guard (1...200).contains(reason.count) else {
            throw ServiceError(.invalidArgument, reason: "reason_required")
        }
    }
}
