public import ArgumentParser
import Foundation

/// The support command line: everything support staff can do, by RPC only.
public struct SluiceCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Run, watch and explain imports from ERP to webshop.",
        discussion: """
            Merchants, connections and systems can be named by id, or by a part of their name that fits only one.
            Tables are for people; --json is for programs, for answers and for errors.

            Exit codes: 0 done; 2 the run ended, but the shop was left as it was; 64 the command line is wrong;
            70 a fault in this program; 100 + n the call failed with gRPC's status n, as 105 not found or
            114 unavailable.
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Merchants and their systems",
                subcommands: [MerchantCommand.self, SystemCommand.self, ConnectionCommand.self, SwitchCommand.self]),
            CommandGroup(
                name: "Imports",
                subcommands: [
                    RunCommand.self, JobCommand.self, MonitoringCommand.self, PolicyCommand.self, ReceiptCommand.self,
                    VerifyCommand.self,
                ]),
            CommandGroup(
                name: "People", subcommands: [RecipientCommand.self, MailCommand.self, IncidentCommand.self]),
            CommandGroup(name: "Billing", subcommands: [UsageCommand.self]),
            CommandGroup(name: "Sandbox", subcommands: [SandboxCommand.self]),
            CommandGroup(
                name: "Services",
                subcommands: [
                    HealthCommand.self, ListMethodsCommand.self, DescribeMethodCommand.self, CallCommand.self,
                    KeysCommand.self,
                ]),
        ])

    public init() {}

    /// Parses the arguments, runs the command and ends the process with its exit code.
    public static func runAndExit() async -> Never {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Foundation.exit(0)
        } catch {
            exit(withError: error)
        }
    }
}
