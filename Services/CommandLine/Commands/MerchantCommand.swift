import ArgumentParser
import CoreTypes
import RPC
import SchedulerAPI

struct MerchantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merchant", abstract: "Open, find and show merchants.",
        subcommands: [Create.self, List.self, Show.self])

    struct Create: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Open a merchant's integration.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant's name.") var name: String
        @Option(help: "The merchant's number in your books.") var number: String?
        @Option(name: .customLong("speaks"), help: "The language of the merchant's mails: da or en.")
        var speaks: Language = .danish
        @Option(help: "IANA name.") var timeZone = "Europe/Copenhagen"

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                CreateMerchant(name: name, number: number, language: speaks, timeZone: timeZone))
            try session.output.show(response) { ["\(response.merchant.merchantID)  \(response.merchant.name)"] }
        }
    }

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List merchants, all or those that match.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Part of a name or number.") var query: String?

        func perform(_ session: Session) async throws {
            let response = try await session.call(ListMerchants(query: query))
            var table = Table("id", "name", "number", "connections", "integration")
            for merchant in response.merchants {
                table.add(
                    "\(merchant.merchantID)", merchant.name, merchant.number.orDash, "\(merchant.connectionCount)",
                    merchant.isOn ? "on" : "OFF")
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a merchant on one screen: switches, systems, connections and why they do or do not run.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Name, number or id.") var merchant: String

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(DescribeMerchant(merchantID: id))
            try session.output.show(response) { lines(response, session.texts) }
        }

        private func lines(_ answer: DescribeMerchant.Response, _ texts: TextLookup) -> [String] {
            var facts = Facts()
            facts.add("Merchant", "\(answer.merchant.name)  \(answer.merchant.merchantID)")
            facts.add("Number", answer.merchant.number)
            facts.add("Language and zone", "\(answer.merchant.language.rawValue), \(answer.merchant.timeZone)")
            var systems = Table("system", "kind", "address", "id")
            for system in answer.systems {
                systems.add(system.name, system.kind.rawValue, system.baseURL, "\(system.systemID)")
            }
            return facts.lines() + ["", "Switches"] + answer.switches.map { "  " + SwitchCommand.line($0) }
                + ["", "Systems"] + systems.lines() + ["", "Connections"]
                + ConnectionCommand.table(answer.connections, texts).lines()
        }
    }
}
