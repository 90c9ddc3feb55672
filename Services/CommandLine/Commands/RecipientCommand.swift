import ArgumentParser
import CoreTypes
import NotifierAPI
import RPC

struct RecipientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipients", abstract: "Who is mailed when an import is stopped.",
        subcommands: [Show.self, Set.self, Add.self, Remove.self])

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show a merchant's list.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(ListRecipients(merchantID: id))
            try session.output.show(response) { RecipientCommand.lines(response.list) }
        }
    }

    struct Set: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace the list; support's address is added unless --without-support.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String
        @Argument(help: "Addresses, each with :da or :en behind it, as anna@shop.dk:da") var addresses: [String]
        @Flag(help: "Leave support out, who then does not know.") var withoutSupport = false
        @Option(help: "Why; kept with the list.") var reason: String

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(
                SetRecipients(
                    merchantID: id, recipients: try addresses.map(RecipientCommand.choice),
                    withoutSupport: withoutSupport, reason: reason))
            try session.output.show(response) { RecipientCommand.lines(response.list) }
        }
    }

    struct Add: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Add an address.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String
        @Argument(help: "As anna@shop.dk:da") var address: String
        @Option(help: "Why; kept with the list.") var reason: String

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(
                AddRecipient(merchantID: id, recipient: try RecipientCommand.choice(address), reason: reason))
            try session.output.show(response) { RecipientCommand.lines(response.list) }
        }
    }

    struct Remove: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an address.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String
        @Argument(help: "The address.") var address: String
        @Option(help: "Why.") var reason: String

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(
                RemoveRecipient(merchantID: id, address: address, reason: reason))
            try session.output.show(response) { RecipientCommand.lines(response.list) }
        }
    }

    /// `anna@shop.dk:da`; without a language, Danish.
    static func choice(_ text: String) throws -> RecipientChoice {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let language = parts.count == 2 ? Language(rawValue: String(parts[1])) : .danish else {
            throw ValidationError("'\(text)' should be an address with :da or :en behind it.")
        }
        return RecipientChoice(address: String(parts[0]), language: language)
    }

    static func lines(_ list: RecipientList) -> [String] {
        var table = Table("address", "language", "for", "added by", "why")
        for recipient in list.recipients {
            let kinds = recipient.choice.kinds?.map(\.rawValue).joined(separator: ", ") ?? "everything"
            table.add(
                recipient.choice.address, recipient.choice.language.rawValue,
                recipient.isSupport ? "\(kinds) (support)" : kinds, recipient.addedBy, recipient.reason)
        }
        return table.lines()
    }
}
