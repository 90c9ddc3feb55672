import Connectors
import CoreTypes
import FoundationEssentials
import Keys
import Outbound
import RPC
import SchedulerAPI
import ServiceRuntime

/// What every run of this importer is carried out with.
struct RunContext: Sendable {
    let database: ImporterDatabase
    let places: StagingPlaces
    let journals: PublishJournals
    let sealingKeys: SealingKeys
    let verdictCheck: VerdictCheck
    let registry: ConnectorRegistry
    let sender: any HTTPSending
    let scheduler: any RPCCaller
    let monitor: any RPCCaller
    let limits: RunLimits
    let environment: ServiceEnvironment
    /// Names the boot of the machine: staging files of another one may be torn.
    let bootID: String

    func making(limit: Duration) -> ConnectorMaking {
        ConnectorMaking(
            sender: sender,
            patience: Patience(
                limits.retries, limit: limit, clock: environment.clock, randomness: environment.randomness),
            pageBytesMax: limits.pageBytesMax)
    }

    func source(_ access: SystemAccess, _ reading: Reading, _ making: ConnectorMaking) throws -> any SourceConnector {
        try registry.source(access, try sealingKeys.open(access), reading, making)
    }

    func target(_ access: SystemAccess, _ making: ConnectorMaking) throws -> any TargetConnector {
        try registry.target(access, try sealingKeys.open(access), making)
    }

    func makeBoard() -> ProgressBoard {
        ProgressBoard(
            clock: environment.clock, wallClock: environment.wallClock, stallsAfter: limits.stallsAfter)
    }

    var now: Instant { environment.wallClock.now() }

    func crash(_ point: CrashPoint) { environment.crashPoints.passing(point) }
}

/// Upper bounds of a run, each with its unit.
struct RunLimits: Sendable, Equatable {
    /// From claim to report.
    var runLimit: Duration = .seconds(4 * 3600)
    /// A probe asks each system a handful of questions.
    var probeLimit: Duration = .seconds(60)
    var retries = RetryPolicy()
    var chunksInFlight = 3
    /// Pages asked for at once at a source that is paged by offset; by key it is two at most.
    var pagesInFlight = 2
    /// Longest page, in bytes after unpacking.
    var pageBytesMax = 256 << 20
    /// A source that gives no count is read no further than this many rows.
    var rowsMax = 5_000_000
    var heartbeat: Duration = .milliseconds(800)
    /// A run nothing has moved of for longer is told as stalled.
    var stallsAfter: Duration = .seconds(60)
    /// How long a run that is over waits for the shop to drop its uploads, and for the source to end its session, before it
    /// tells that it is over.
    var leavingLimit: Duration = .seconds(5)
    /// How long a run whose commit is in doubt keeps its lease, from when that was recorded.
    var doubtLimit: Duration = .seconds(15 * 60)
    /// How often it is noted of a read that it goes on.
    var signsOfLife: Duration = .seconds(60)
    /// How long what a killed process had read may be gone on with, from when that was last at work on it; and how long it
    /// is kept for it, from when it was found.
    var leftReadLimit: Duration = .seconds(15 * 60)
    /// How long the monitor and the scheduler are asked again before the run goes on without them.
    var serviceLimit: Duration = .seconds(20)
}

/// The importers' private keys. Credentials are opened here, in memory, and nowhere else.
struct SealingKeys: Sendable {
    private let keys: [String: SealingKey]
    /// The key that new credentials are sealed to.
    let current: SealingKey

    init(_ current: SealingKey, older: [SealingKey] = []) {
        self.current = current
        keys = Dictionary(([current] + older).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: ``SystemFault`` of class `login` when the text was sealed to another key, for another merchant, kind or
    ///   address: then it must be sealed again.
    func open(_ access: SystemAccess) throws -> Credentials {
        let sealed = access.credentials
        guard let key = keys[sealed.keyID] else {
            throw SystemFault(
                .login, "the credentials are sealed to another key (\(sealed.keyID))", system: access.name,
                reason: .sealedOtherwise)
        }
        guard let encapsulated = Data(base64Encoded: sealed.encapsulatedKey),
            let ciphertext = Data(base64Encoded: sealed.ciphertext),
            let plaintext = try? key.open(
                SealedBytes(
                    keyID: sealed.keyID, encapsulatedKey: Array(encapsulated), ciphertext: Array(ciphertext)),
                boundTo: Self.context(of: access))
        else {
            throw SystemFault(
                .login, "the credentials were sealed for another system", system: access.name, reason: .credentials)
        }
        return try Credentials(plaintext, of: access.name)
    }

    /// Credentials open only for the merchant, kind and address they were given for.
    static func context(of access: SystemAccess) -> String {
        "\(access.merchantID)/\(access.kind.rawValue)/\(access.baseURL)"
    }
}
