import CoreTypes
import RPC
import SandboxAPI

extension SandboxHandlers {
    func listMail(_ request: ListMail, _ context: CallContext) async throws -> ListMail.Response {
        let limit = try limit(request.limit, default: 50)
        let (mails, total) = try await sandbox.mailbox.list(
            recipient: request.recipient, after: request.after, limit: limit)
        return ListMail.Response(mails: mails, total: total)
    }

    func readMail(_ request: ReadMail, _ context: CallContext) async throws -> ReadMail.Response {
        guard let mail = try await sandbox.mailbox.read(request.id) else {
            throw ServiceError(.notFound, reason: "sandbox_mail_not_found", arguments: ["mail": "\(request.id)"])
        }
        let message = MailMessage(mail.raw)
        return ReadMail.Response(
            mail: mail.summary, encrypted: mail.encrypted, user: mail.user, headers: message.headers,
            text: message.text, attachments: message.attachments,
            rawBase64: request.raw == true ? base64Text(mail.raw) : nil)
    }

    func clearMail(_ request: ClearMail, _ context: CallContext) async throws -> ClearMail.Response {
        ClearMail.Response(removed: try await sandbox.mailbox.clear())
    }
}
