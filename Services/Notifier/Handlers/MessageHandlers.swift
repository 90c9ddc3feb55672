import CoreTypes
import GRDB
import Logging
import Messaging
import NotifierAPI
import Outbound
import Persistence
import RPC
import ServiceRuntime

extension NotifierHandlers {
    func listMessages(_ request: ListMessages, _ context: CallContext) async throws -> ListMessages.Response {
        let limit = try Self.limit(request.limit)
        return ListMessages.Response(
            messages: try await database.database.read { db in try MessageTable.list(request, limit: limit, db) })
    }

    func describeMessage(_ request: DescribeMessage, _ context: CallContext) async throws -> DescribeMessage.Response {
        let found = try await database.database.read { db in try Self.find(request.messageID, db) }
        return DescribeMessage.Response(message: found.message, text: found.text)
    }

    func resendMessage(_ request: ResendMessage, _ context: CallContext) async throws -> ResendMessage.Response {
        try Self.checkReason(request.reason)
        let now = now
        let message = try await write(.resend) { db in
            try MessageTable.requeue(request.messageID, at: now, db)
            return try Self.find(request.messageID, db).message
        }
        environment.logger.notice(
            "A mail was asked to be sent again.",
            metadata: [
                "message.id": "\(request.messageID)", "by": "\(context.peer.label)", "reason": "\(request.reason)",
            ])
        newMail.wake()
        return ResendMessage.Response(message: message)
    }

    func sendTest(_ request: SendTest, _ context: CallContext) async throws -> SendTest.Response {
        let now = now
        let response = try await write(.sendTest) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                SendTest.Response(messages: try writeTest(request, context, at: now, db))
            }
        }
        newMail.wake()
        return response
    }

    private func writeTest(
        _ request: SendTest, _ context: CallContext, at now: Instant, _ db: Database
    ) throws -> [Message] {
        let mail = TestMail(merchantName: try NotifierDatabase.name(of: request.merchantID, db), setting: mails)
        return try testRecipients(request, db).map { recipient in
            let id = try MessageTable.insert(
                NewMessage(
                    messageID: environment.randomness.makeID(), merchantID: request.merchantID, incidentID: nil,
                    purpose: .test, cause: "test/\(context.requestID)", closedByRun: nil, recipient: recipient,
                    mail: mail.text(in: recipient.language), createdAt: now), db)
            return try Self.find(id, db).message
        }
    }

    private func testRecipients(_ request: SendTest, _ db: Database) throws -> [RecipientChoice] {
        let listed = try RecipientTable.list(of: request.merchantID, db).map(\.choice)
        guard let address = request.address else {
            let all = listed.isEmpty ? [lists.support].compactMap(\.self) : listed
            guard !all.isEmpty else { throw ServiceError(.failedPrecondition, reason: "no_recipients") }
            return all
        }
        let kept = (try? MailAddress(address).description) ?? address
        let wanted = listed.filter { $0.address == kept }
        guard !wanted.isEmpty else {
            throw ServiceError(
                .failedPrecondition, reason: "recipient_not_on_list", arguments: ["address": address])
        }
        return wanted
    }

    private static func find(_ id: MessageID, _ db: Database) throws -> (message: Message, text: String) {
        guard let found = try MessageTable.find(id, db) else {
            throw ServiceError(.notFound, reason: "message_not_found", arguments: ["id": "\(id)"])
        }
        return found
    }
}
