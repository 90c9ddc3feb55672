import ArgumentParser
import CoreTypes
import NotifierAPI
import RPC

struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Mails Sluice sent or could not send.",
        subcommands: [List.self, Read.self, Resend.self, Test.self])

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List mails, newest first.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Only those of this merchant.") var merchant: String?
        @Option(help: "queued, sending, accepted, retrying or parked.") var state: MessageState?

        func perform(_ session: Session) async throws {
            var id: MerchantID?
            if let merchant { id = try await session.merchantID(merchant) }
            let response = try await session.call(ListMessages(merchantID: id, state: state))
            var table = Table("when", "to", "state", "subject", "trouble", "id")
            for message in response.messages {
                table.add(
                    message.createdAt.local, message.address, message.state.rawValue, message.subject,
                    message.lastError ?? "–", "\(message.messageID)")
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Read: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show a mail as it was sent.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The mail's id.") var message: String

        func perform(_ session: Session) async throws {
            let response = try await session.call(DescribeMessage(messageID: try MailCommand.id(message)))
            try session.output.show(response) {
                ["To: \(response.message.address)", "Subject: \(response.message.subject)".singleLine, ""]
                    + response.text.lines
            }
        }
    }

    struct Resend: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Send a parked mail again.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The mail's id.") var message: String
        @Option(help: "Why.") var reason: String

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                ResendMessage(messageID: try MailCommand.id(message), reason: reason))
            try session.output.show(response) { ["\(response.message.state.rawValue)"] }
        }
    }

    struct Test: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Send a test mail to a merchant's list.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String
        @Option(help: "Only to this address of the list.") var to: String?

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(SendTest(merchantID: id, address: to))
            try session.output.show(response) { response.messages.map { "\($0.messageID)  \($0.address)" } }
        }
    }

    static func id(_ text: String) throws -> MessageID {
        guard let id = MessageID(text) else {
            throw ServiceError(.invalidArgument, reason: "not_an_id", arguments: ["text": text, "kind": "mail"])
        }
        return id
    }
}

struct IncidentCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "incidents", abstract: "List what is wrong, or was.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "Only those of this merchant.") var merchant: String?
    @Flag(help: "Also those that are over.") var all = false

    func perform(_ session: Session) async throws {
        var id: MerchantID?
        if let merchant { id = try await session.merchantID(merchant) }
        let response = try await session.call(ListIncidents(merchantID: id, onlyOpen: !all))
        var table = Table("since", "merchant", "connection", "what", "runs", "over", "id")
        for incident in response.incidents {
            table.add(
                incident.openedAt.local, incident.merchantName, incident.connectionLabel,
                session.texts.word(incident.kind), "\(incident.runCount)", incident.closedAt.local,
                "\(incident.incidentID)")
        }
        try session.output.show(response) { response.incidents.isEmpty ? ["Nothing is wrong."] : table.lines() }
    }
}
