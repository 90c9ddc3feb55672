import ArgumentParser
import Figures

/// Sluice's RPC against gRPC and against what the machine can do at all.
struct RPCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc", abstract: "Remote calls: latency, throughput, streams, memory, connecting.")

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "How often each measure is taken.") var rounds: Int?

    func run() throws {
        var report = Report(section: "rpc")
        let measures = try common.chosen(RPCMeasure.all(short: common.short), named: \.name)
        let candidates = try candidates(&report)
        let rounds = RPCRounds(
            candidates: candidates, measures: measures, rounds: rounds ?? (common.short ? 2 : 3),
            certificates: try Certificates())
        print("Remote calls over mutual TLS 1.3, both ends on this machine (\(Machine.description)).")
        let readings = try rounds.run { report.skipped.append($0) }
        for measure in measures { show(measure, candidates, readings[measure.name] ?? [:], &report) }
        report.figures = RPCGoal.all.compactMap { $0.figure(readings) }
        report.print()
        if let path = common.json { try report.write(to: path) }
        if !report.defects.isEmpty { throw ExitCode.failure }
    }

    private func candidates(_ report: inout Report) throws -> [RPCCandidate] {
        let names = RPCCandidate.all.map(\.name)
        if let unknown = common.without.first(where: { !names.contains($0) }) {
            throw ValidationError("There is no \(unknown); there are \(names.joined(separator: ", ")).")
        }
        return RPCCandidate.all.filter { candidate in
            guard !common.without.contains(candidate.name) else { return false }
            if Program.exists(candidate.program) { return true }
            report.skipped.append("\(candidate.title) is not built. \(candidate.remedy)")
            return false
        }
    }

    private func show(
        _ measure: RPCMeasure, _ candidates: [RPCCandidate], _ readings: [String: [String: [Double]]],
        _ report: inout Report
    ) {
        guard let first = measure.shown.first else { return }
        var table = Table([measure.title] + measure.shown.map(\.title) + ["\(first.title), lowest-highest"])
        for candidate in candidates {
            guard let values = readings[candidate.name] else { continue }
            let rounds = measure.shown.compactMap { values[$0.rawValue].map { Rounds($0) } }
            guard rounds.count == measure.shown.count else { continue }
            let note = candidate.name == RPCCandidate.grpcSwift.name && !measure.grpcSwiftCoalesces
            table.rows.append(
                [candidate.title + (note ? " (coalescing off)" : "")] + rounds.map { readable($0.median) }
                    + [rounds[0].spread])
            report.readings.append(
                Report.Reading(measure: measure.name, candidate: candidate.name, values: values))
        }
        print("\n\(table.text)")
    }
}
