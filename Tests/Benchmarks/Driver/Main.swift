import ArgumentParser

@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Measures Sluice against its peers and its promises.",
        subcommands: [RPCCommand.self, ServicesCommand.self])
}
