import CoreTypes
import GRDB
import Logging
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
        let message = try await database.database.write { db in
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

    /// The idempotency key names the test, so a repeated call sends nothing new and answers with the same mails.
    func sendTest(_ request: SendTest, _ context: CallContext) async throws -> SendTest.Response {
        let now = now
        let cause = "test/\(request.merchantID)/\(context.idempotencyKey ?? context.requestID.rawValue)"
        let messages = try await database.database.write { db in
            let recipients = try testRecipients(request, db)
            let mail = TestMail(merchantName: try NotifierDatabase.name(of: request.merchantID, db), setting: mails)
            return try recipients.map { recipient in
                let id = try MessageTable.insert(
                    NewMessage(
                        messageID: environment.randomness.makeID(), merchantID: request.merchantID, incidentID: nil,
                        purpose: .test, cause: cause, closedByRun: nil, recipient: recipient,
                        mail: mail.text(in: recipient.language), createdAt: now), db)
                return try Self.find(id, db).message
            }
        }
        newMail.wake()
        return SendTest.Response(messages: messages)
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
