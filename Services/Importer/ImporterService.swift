import Connectors
import CoreTypes
import FoundationEssentials
import ImporterAPI
import Keys
public import Outbound
import Persistence
public import RPC
public import ServiceLifecycle
public import ServiceRuntime
import Staging

/// Claims runs, reads their source, asks the monitor for a verdict and publishes what is complete.
public struct ImporterService: Sendable {
    /// What it answers; for the server in front of it.
    public let router: Router
    /// Its loops: claiming, and resolving what an earlier process left.
    public let loops: [any Service]
    let claims: Claims
    let recovery: Recovery
    let leftovers: LeftoverPushes

    /// Opens the database and the keys, and throws away staging files nobody will ask for again.
    ///
    /// - Parameters:
    ///   - router: Gets the importer's requests; for the server in front of it.
    ///   - sender: Talks to outside systems; nil for a client made from the settings.
    ///   - scheduler: Hands out runs and takes their reports.
    ///   - monitor: Judges.
    /// - Throws: When a file or key cannot be opened.
    public init(
        _ configuration: ImporterConfiguration, _ environment: ServiceEnvironment, router: Router,
        scheduler: any RPCCaller, monitor: any RPCCaller, sender: (any HTTPSending)? = nil
    ) async throws {
        try await self.init(
            configuration, environment, router: router, scheduler: scheduler, monitor: monitor, sender: sender,
            limits: RunLimits(configuration))
    }

    init(
        _ configuration: ImporterConfiguration, _ environment: ServiceEnvironment, router: Router,
        scheduler: any RPCCaller, monitor: any RPCCaller, sender: (any HTTPSending)? = nil, limits: RunLimits
    ) async throws {
        let context = try RunContext(
            configuration, environment, scheduler: scheduler, monitor: monitor,
            sender: sender ?? HTTPClient(HTTPClientConfiguration(configuration)), limits: limits)
        let inHand = RunsInHand()
        let wake = Wake()
        let claims = Claims(context: context, inHand: inHand)
        let recovery = Recovery(context: context, inHand: inHand)
        let leftovers = LeftoverPushes(context)
        try await recovery.sweepFiles()
        var router = router
        ImporterHandlers(context: context, wake: wake).register(on: &router)
        self.router = router
        self.claims = claims
        self.recovery = recovery
        self.leftovers = leftovers
        loops =
            [
                PeriodicLoop("recovery", every: .seconds(10), environment) { try await recovery.pass(.together) },
                LeftPushes(recovery: recovery, interval: .seconds(10)),
                PeriodicLoop("leases", every: .seconds(3), environment) { try await recovery.keepLeases() },
                PeriodicLoop("leftovers", every: .seconds(3), environment) { try await leftovers.pass() },
            ]
            + (1...configuration.concurrentRuns).map { number in
                PeriodicLoop("claims \(number)", every: configuration.claimInterval, environment, wokenBy: wake) {
                    try await claims.pass()
                }
            }
    }
}

extension RunContext {
    init(
        _ configuration: ImporterConfiguration, _ environment: ServiceEnvironment, scheduler: any RPCCaller,
        monitor: any RPCCaller, sender: any HTTPSending, limits: RunLimits
    ) throws {
        try FileManager.default.createDirectory(
            atPath: configuration.publishedFolder, withIntermediateDirectories: true)
        self.init(
            database: try ImporterDatabase(.file(configuration.databasePath)),
            places: StagingPlaces(
                staging: try StagingFolder(path: configuration.stagingFolder),
                publishedFolder: configuration.publishedFolder),
            journals: try PublishJournals(folder: configuration.journalFolder),
            sealingKeys: try SealingKeys(configuration),
            verdictCheck: VerdictCheck(
                keys: try configuration.verdictKeyPaths.map { path in
                    try VerifyingKey(rawRepresentation: try KeyFile.read(path).reveal())
                }, wallClock: environment.wallClock),
            registry: .standard, sender: sender, scheduler: scheduler, monitor: monitor, limits: limits,
            environment: environment,
            bootID: Self.readBootID() ?? "process-\(environment.randomness.next())")
    }

    /// Changes with every start of the machine. Where it cannot be read, no file of an earlier process is trusted.
    private static func readBootID() -> String? {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text.map { String($0.prefix { !$0.isWhitespace }) }
    }
}

extension RunLimits {
    init(_ configuration: ImporterConfiguration) {
        runLimit = configuration.runLimit
        stallsAfter = configuration.stallsAfter
        pageBytesMax = configuration.pageMegabytes << 20
        chunksInFlight = configuration.chunksInFlight
        pagesInFlight = configuration.pagesInFlight
        retries.attempts = configuration.pageAttempts
        retries.backoff.first = configuration.firstRetry
    }
}

extension SealingKeys {
    fileprivate init(_ configuration: ImporterConfiguration) throws {
        self.init(
            try SealingKey(rawRepresentation: try KeyFile.read(configuration.sealingKeyPath)),
            older: try configuration.olderSealingKeyPaths.map {
                try SealingKey(rawRepresentation: try KeyFile.read($0))
            })
    }
}
