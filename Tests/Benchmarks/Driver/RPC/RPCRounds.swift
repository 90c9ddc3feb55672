import Figures
import Foundation

/// Runs every measure with every candidate in turn, round by round, so that what else the machine does meets all.
struct RPCRounds {
    let candidates: [RPCCandidate]
    let measures: [RPCMeasure]
    let rounds: Int
    let certificates: Certificates

    /// By measure, candidate and value: one number of each round.
    typealias Values = [String: [String: [String: [Double]]]]

    /// - Parameter failed: Told of each peer that gave no figure; it is then left out of that round.
    /// - Throws: When Sluice itself gave none.
    func run(failed: (String) -> Void) throws -> Values {
        var values: Values = [:]
        for round in 1...rounds {
            for measure in measures {
                for candidate in candidates {
                    say("round \(round) of \(rounds): \(measure.name), \(candidate.title)")
                    do {
                        for (name, value) in try run(measure, candidate) {
                            values[measure.name, default: [:]][candidate.name, default: [:]][name, default: []]
                                .append(value)
                        }
                    } catch  where candidate.name != RPCCandidate.ours.name {
                        failed("\(candidate.title), \(measure.name), round \(round): \(error)")
                    }
                }
            }
        }
        say("")
        return values
    }

    private func run(_ measure: RPCMeasure, _ candidate: RPCCandidate) throws -> [String: Double] {
        let common = ["certificates=\(certificates.folder.path)"] + candidate.settings(for: measure)
        let server = try Program(candidate.program, ["server"] + common)
        defer { server.end() }
        let port = try server.firstLine()
        let client = try Program(
            candidate.program, ["client", "port=\(port)", "server=\(server.id)"] + common + measure.arguments)
        defer { client.end() }
        let line = try client.firstLine()
        return try JSONDecoder().decode([String: Double].self, from: Data(line.utf8))
    }

    /// Progress goes to standard error, on one line where that is a terminal.
    private func say(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }
}
