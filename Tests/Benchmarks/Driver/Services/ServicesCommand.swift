import ArgumentParser
import Figures
import Foundation

/// The services as an operator runs them.
struct ServicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "services", abstract: "Memory, start-up, and how soon due work begins.")

    @OptionGroup var common: CommonOptions

    enum Measure: String, CaseIterable, Sendable {
        case memory, due
        case startUp = "start-up"
    }

    func run() throws {
        let chosen = Set(try common.chosen(Measure.allCases, named: \.rawValue))
        var report = Report(section: "services")
        print("The services as compose/up starts them, release programs (\(Machine.description)).")
        let items = common.short ? 5000 : 50_000
        let installation = try Installation(items: chosen.contains(.memory) ? items : nil)
        defer { installation.end() }
        if chosen.contains(.memory) { try measureMemory(installation, items: items, &report) }
        let starts = try Installation.services.map { service in
            (service, try ServiceProcess(id: installation.process(service)).start())
        }
        if chosen.contains(.due) { try measureDueRuns(installation, &report) }
        if chosen.contains(.startUp) { try measureStartUp(starts, installation, &report) }
        report.print()
        if let path = common.json { try report.write(to: path) }
        if !report.defects.isEmpty { throw ExitCode.failure }
    }

    private func measureMemory(_ installation: Installation, items: Int, _ report: inout Report) throws {
        var table = Table(["memory, MB, after an import of \(items) items", "most", "now"])
        for service in Installation.services {
            let process = ServiceProcess(id: try installation.process(service))
            let values = ["peak": try process.kilobytes("VmHWM") / 1024, "now": try process.kilobytes("VmRSS") / 1024]
            table.rows.append([service] + ["peak", "now"].map { readable(values[$0] ?? 0) })
            report.readings.append(.init(measure: "memory", candidate: service, values: values.mapValues { [$0] }))
            guard service == "importer", let peak = values["peak"] else { continue }
            report.figures.append(
                Figure("importer, most memory in MB", Rounds([peak]), .atMost, floor: 64, target: 48))
        }
        print("\n\(table.text)")
    }

    private func measureStartUp(
        _ starts: [(String, ServiceProcess.Start)], _ installation: Installation, _ report: inout Report
    ) throws {
        let rounds = common.short ? 2 : 5
        var table = Table(["start-up, ms from exec until it takes connections", "median", "lowest-highest"])
        for (service, start) in starts {
            try installation.stop(service)
            let port = installation.port(of: service)
            let times = Rounds(try (0..<rounds).map { _ in try start.timeToListen(on: port) })
            table.rows.append([service, readable(times.median), times.spread])
            report.readings.append(.init(measure: "start-up", candidate: service, values: ["ms": times.values]))
        }
        print("\n\(table.text)")
    }

    /// The importer is stopped, and others that only claim stand in for it.
    private func measureDueRuns(_ installation: Installation, _ report: inout Report) throws {
        let count = common.short ? 1000 : 10_000
        try installation.stop("importer")
        let program = try Program(
            "due-runs",
            [
                "client", "certificates=\(installation.state.appending(path: "certificates").path)",
                "trust-domain=sluice.local", "port=\(installation.port(of: "scheduler"))", "count=\(count)",
            ])
        let line = try program.firstLine()
        program.end()
        let values = try JSONDecoder().decode([String: Double].self, from: Data(line.utf8))
        let columns = ["first", "p50", "p99", "last", "rate"]
        var table = Table(
            ["\(count) runs due at one moment, ms until begun", "first", "p50", "p99", "last", "begun per s"])
        table.rows.append(["8 claimers, each run finished at once"] + columns.map { readable(values[$0] ?? 0) })
        report.readings.append(.init(measure: "due", candidate: "scheduler", values: values.mapValues { [$0] }))
        print("\n\(table.text)")
    }
}
