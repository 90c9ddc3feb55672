import CoreTypes
import ImporterService
import Keys
import MonitorService
import Outbound
import Persistence
import RPC
import SchedulerAPI
import ServiceLifecycle
import ServiceRuntime

/// The product's own importer service with the product's monitor beside it, carrying out the runs it is given.
///
///     import-ours <folder> <shop> <page size> <last step> [<name>=<value>…] <source>…
///
/// One run per source, in turn, all of one connection. `last step`: `verdict` ends the process when the monitor has judged
/// the last source; `end` when its run has been reported. What it is held to is in ``Checks``. Prints one line of JSON.
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 6, let pageSize = Int(arguments[3]) else { return complain("see Main.swift") }
        let folder = arguments[1]
        try KeySet.create(in: folder)
        let claims = try ClaimMaking(folder: folder, shop: arguments[2], pageSize: pageSize)
        let checks = Checks(arguments[5...].filter { !$0.hasPrefix("http") })
        let sources = arguments[5...].filter { $0.hasPrefix("http") }
        let runs = try sources.enumerated().map { try claims.claim($0 + 1, source: $1) }
        let course = Course(runs: runs, endsAtVerdict: arguments[4] == "verdict")

        var environment = ServiceEnvironment.live(label: "import", variables: ["LOG_LEVEL": "error"])
        environment.crashPoints = CrashPoints { course.passed($0) }
        let signing = try SigningKey(rawRepresentation: try KeyFile.read(folder + "/verdict-signing.key"))
        let monitor = MonitorService(
            database: try MonitorDatabase(.file(folder + "/monitor.sqlite")), signer: VerdictSigner(key: signing),
            router: Router(service: "monitor", randomness: environment.randomness), environment: environment)
        if let first = runs.first { try await checks.set(for: first.connectionID, at: monitor.router) }
        let wallClock = environment.wallClock
        let told = InProcessCaller(monitor.router, as: .service(name: "scheduler", instance: "1"))
        let importer = try await ImporterService(
            configuration(folder), environment,
            router: Router(service: "importer", randomness: environment.randomness),
            scheduler: course.scheduler(telling: checks.makesReceipts ? told : nil, at: { wallClock.now() }),
            monitor: JudgedMonitor(
                InProcessCaller(monitor.router, as: .service(name: "importer", instance: "1")), course))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in importer.loops { group.addTask { try await loop.run() } }
            try await group.waitForAll()
        }
    }

    private static func configuration(_ folder: String) -> ImporterConfiguration {
        var configuration = ImporterConfiguration(
            databasePath: folder + "/importer.sqlite", sealingKeyPath: folder + "/sealing.key",
            verdictKeyPaths: [folder + "/verdict-verifying.key"])
        configuration.privateAddresses = ["127.0.0.0/8"].compactMap(AddressRange.init)
        configuration.allowsPlainHTTP = true
        configuration.concurrentRuns = 1
        configuration.claimInterval = .milliseconds(1)
        configuration.pageAttempts = 1
        return configuration
    }

    static func complain(_ line: String) { print("import-ours: \(line)") }
}
