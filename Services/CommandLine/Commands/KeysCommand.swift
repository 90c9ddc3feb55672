import ArgumentParser
import Keys

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make the keys of an installation.", subcommands: [Create.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make verdict signing, credential sealing and envelope keys in a folder; never overwrites.")
        @Option(name: .customLong("in"), help: "The folder; it must exist.") var folder: String

        func run() throws {
            do {
                try KeySet.create(in: folder)
            } catch {
                Output.complain("sluice: \(error)")
                throw ExitCode.ourFault
            }
        }
    }
}
