import ArgumentParser

/// What every kind of measure understands.
struct CommonOptions: ParsableArguments {
    @Flag(name: .long, help: "Smaller figures and fewer rounds: to see that all works, and for a first impression.")
    var short = false

    @Option(name: .long, help: "Only this measure; may be given several times.")
    var only: [String] = []

    @Option(name: .long, help: "Leave this candidate out; may be given several times.")
    var without: [String] = []

    @Option(name: .long, help: "Also write everything into this file, each kind of measure under its own name.")
    var json: String?

    func chosen<Measure>(_ all: [Measure], named name: KeyPath<Measure, String>) throws -> [Measure] {
        let names = all.map { $0[keyPath: name] }
        if let unknown = only.first(where: { !names.contains($0) }) {
            throw ValidationError("There is no measure \(unknown); there are \(names.joined(separator: ", ")).")
        }
        return only.isEmpty ? all : all.filter { only.contains($0[keyPath: name]) }
    }
}
