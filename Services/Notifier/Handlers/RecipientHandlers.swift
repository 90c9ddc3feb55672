import CoreTypes
import GRDB
import Logging
import NotifierAPI
import Persistence
import RPC
import ServiceRuntime

extension NotifierHandlers {
    func listRecipients(_ request: ListRecipients, _ context: CallContext) async throws -> ListRecipients.Response {
        ListRecipients.Response(
            list: try await database.database.read { db in try lists.described(request.merchantID, db) })
    }

    func setRecipients(_ request: SetRecipients, _ context: CallContext) async throws -> SetRecipients.Response {
        let list = try await change(request.merchantID, because: request.reason, context) { change, db in
            try lists.replace(
                request.merchantID, with: request.recipients, withoutSupport: request.withoutSupport ?? false, change,
                db)
        }
        return SetRecipients.Response(list: list)
    }

    func addRecipient(_ request: AddRecipient, _ context: CallContext) async throws -> AddRecipient.Response {
        let list = try await change(request.merchantID, because: request.reason, context) { change, db in
            try lists.add(request.recipient, to: request.merchantID, change, db)
        }
        return AddRecipient.Response(list: list)
    }

    func removeRecipient(_ request: RemoveRecipient, _ context: CallContext) async throws -> RemoveRecipient.Response {
        let list = try await change(request.merchantID, because: request.reason, context) { change, db in
            try lists.remove(request.address, from: request.merchantID, change, db)
        }
        return RemoveRecipient.Response(list: list)
    }

    /// One transaction: the change, who made it, and the list as it is then.
    private func change(
        _ merchant: MerchantID, because reason: String, _ context: CallContext,
        _ body: @escaping @Sendable (ListChange, Database) throws -> Void
    ) async throws -> RecipientList {
        try Self.checkReason(reason)
        let change = ListChange(by: context.peer.label, reason: reason, at: now)
        let list = try await write(.recipients) { db in
            try body(change, db)
            return try lists.described(merchant, db)
        }
        environment.logger.notice(
            "An address list was set.", metadata: ["merchant.id": "\(merchant)", "by": "\(change.by)"])
        return list
    }
}
