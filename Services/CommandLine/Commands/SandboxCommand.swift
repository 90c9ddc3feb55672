import ArgumentParser
import CoreTypes
import RPC
import SandboxAPI

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Make, break and repair simulated systems, and read their mailbox.",
        subcommands: [
            CreateERP.self, CreateShop.self, List.self, Faults.self, Break.self, RepairSystem.self, Items.self,
            Shop.self, Mailbox.self, Read.self,
        ])

    struct CreateERP: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "create-erp", abstract: "Make a simulated SAP Business One.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Its name: a-z, 0-9 and hyphens.") var name: String
        @Option(help: "Items that can be sold.") var items = 50_000
        @Option(help: "Price lists.") var priceLists = 3
        @Option(help: "Warehouses.") var warehouses = 5
        @Option(help: "Same seed, same catalogue.") var seed: Int64 = 1

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                CreateSystem(
                    name: name, kind: .sapBusinessOne, seed: seed, items: items, priceLists: priceLists,
                    warehouses: warehouses))
            try session.output.show(response) { ["\(response.system.name) has \(response.system.items) items."] }
        }
    }

    struct CreateShop: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "create-shop", abstract: "Make a simulated webshop.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Its name: a-z, 0-9 and hyphens.") var name: String
        @Flag(help: "One that does not stage: each row it is given is live at once.") var direct = false

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                CreateSystem(name: name, kind: direct ? .directWebshop : .genericWebshop))
            try session.output.show(response) { ["\(response.system.name) has \(response.system.items) products."] }
        }
    }

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List simulated systems and what is broken.")
        @OptionGroup var common: CommonOptions

        func perform(_ session: Session) async throws {
            let response = try await session.call(ListSystems())
            var table = Table("name", "kind", "items", "broken")
            for system in response.systems {
                table.add(system.name, system.kind.rawValue, "\(system.items)", SandboxCommand.words(system.faults))
            }
            table.add("mailbox", "mailbox", "–", SandboxCommand.words(response.mailboxFaults))
            try session.output.show(response) { table.lines() }
        }
    }

    struct Faults: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List every fault there is, with its values.")
        @OptionGroup var common: CommonOptions

        func perform(_ session: Session) async throws {
            let response = try await session.call(ListFaultKinds())
            var table = Table("fault", "of", "values", "what happens")
            for kind in response.kinds {
                let values =
                    kind.required.map { "--\($0.rawValue)" } + kind.optional.map { "[--\($0.rawValue)]" }
                table.add(
                    kind.kind.rawValue, kind.places.map(\.rawValue).joined(separator: ", "),
                    values.joined(separator: " "), kind.summary)
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Break: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a system misbehave until it is repaired; 'sluice sandbox faults' lists how.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The system's name, or mailbox.") var system: String
        @Argument(help: "The fault, as loseItems.") var fault: FaultKind
        @Option(help: "How many.") var count: Int?
        @Option(help: "At which page or chunk, from 1.") var page: Int?
        @Option(help: "How long.") var milliseconds: Int?
        @Option(help: "An endpoint, a field, a data set, a scope or a mail address.") var target: String?
        @Option(help: "Mends itself after so many times.") var times: Int?

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                Misbehave(
                    system: system,
                    fault: Fault(
                        fault, count: count, page: page, milliseconds: milliseconds, target: target, times: times)))
            try session.output.show(response) { ["\(system): \(SandboxCommand.words(response.faults))"] }
        }
    }

    struct RepairSystem: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "repair", abstract: "End one fault of a system, or all of them.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The system's name, or mailbox.") var system: String
        @Argument(help: "Only this fault.") var fault: FaultKind?

        func perform(_ session: Session) async throws {
            let response = try await session.call(Repair(system: system, kind: fault))
            try session.output.show(response) { ["Repaired: \(SandboxCommand.words(response.repaired))"] }
        }
    }

    struct Items: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show items of a simulated ERP.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The system's name.") var system: String
        @Option(help: "At most so many, 1 to 500.") var limit = 20
        @Flag(help: "Only those that the fault loseItems hides.") var lost = false

        func perform(_ session: Session) async throws {
            let response = try await session.call(ListItems(system: system, limit: limit, lostOnly: lost))
            var table = Table("code", "name", "prices", "stock")
            for item in response.items {
                table.add(item.code, item.name, SandboxCommand.words(item.prices), SandboxCommand.words(item.stock))
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Shop: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a simulated shop has live; the digest changes with any byte of it.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The system's name.") var system: String
        @Option(help: "Also rows of this set: products, prices, stock.") var rows: String?

        func perform(_ session: Session) async throws {
            let response = try await session.call(DescribeShop(system: system))
            var table = Table("set", "rows", "version", "since", "digest")
            for dataset in response.datasets {
                table.add(
                    dataset.name, "\(dataset.count)", "\(dataset.liveVersion)", dataset.committedAt.local,
                    String(dataset.digest.prefix(16)))
            }
            var sample: [String] = []
            if let rows { sample = try await session.call(ListShopRows(system: system, dataset: rows)).rows }
            try session.output.show(response) {
                table.lines() + ["digest of all  \(response.digest)", "open imports   \(response.openImports.count)"]
                    + sample.map(\.singleLine)
            }
        }
    }

    struct Mailbox: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List the mails in the sandbox's mailbox.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Only those to this address.") var recipient: String?

        func perform(_ session: Session) async throws {
            let response = try await session.call(ListMail(recipient: recipient))
            var table = Table("no", "when", "to", "subject")
            for mail in response.mails {
                table.add(
                    "\(mail.id)", mail.receivedAt.local, mail.recipients.joined(separator: ", "), mail.subject)
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Read: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Read one mail of the sandbox's mailbox.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var number: Int64

        func perform(_ session: Session) async throws {
            let response = try await session.call(ReadMail(id: number))
            try session.output.show(response) {
                response.headers.map { "\($0.name): \($0.value)".singleLine } + [""]
                    + response.text.lines + response.attachments.map { "Attachment: \($0)".singleLine }
            }
        }
    }

    private static func words(_ faults: [ActiveFault]) -> String {
        faults.isEmpty
            ? "nothing"
            : faults.map { active in
                let fault = active.fault
                let values = [
                    fault.count.map { "count \($0)" }, fault.page.map { "page \($0)" },
                    fault.milliseconds.map { "\($0) ms" }, fault.target,
                ].compactMap(\.self)
                return ([fault.kind.rawValue] + values).joined(separator: " ")
            }.joined(separator: "; ")
    }

    private static func words(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
