import CoreTypes
public import Outbound
public import ServiceRuntime

/// The importer's settings, read once at start.
///
/// - `importer.databasePath` (string, required): the SQLite file with the journal; its folder must exist.
/// - `importer.stagingFolder` (string, default `staging` beside the database): one file per run, thrown away after it.
/// - `importer.publishedFolder` (string, default `published` beside the database): one file per connection, what its shop
///   was last given.
/// - `importer.journalFolder` (string, default `journals` beside the database): one file for each publish to a shop
///   without staging, with what its rows were before; the last three of a connection are kept.
/// - `importer.sealingKeyPath` (string, required): the private key that credentials of outside systems are sealed to.
/// - `importer.olderSealingKeyPaths` (list): private keys of credentials that were not sealed again yet.
/// - `importer.verdictKeyPaths` (list, required): the monitor's public keys; two while it changes its key.
/// - `importer.concurrentRuns` (int, default 2, 1 to 64): runs carried out at once.
/// - `importer.claimSeconds` (int, default 2, 1 to 60): pause between questions for a due run; a nudge cuts it.
/// - `importer.runMinutes` (int, default 240, 1 to 1440): a run that takes longer fails.
/// - `importer.stalledSeconds` (int, default 60, 5 to 3600): a run nothing has moved of for longer is shown as stalled.
/// - `importer.pageMegabytes` (int, default 512, 1 to 4096): the longest page that is read, unpacked.
/// - `importer.answerSeconds` (int, default 60, 1 to 600): how long a system may take until its answer begins.
/// - `importer.requestSeconds` (int, default 300, 1 to 3600): how long one request may take in all, its page included.
/// - `importer.pageAttempts` (int, default 5, 1 to 20): how often a page, or any other request, is asked for.
/// - `importer.firstRetryMilliseconds` (int, default 500, 1 to 60000): the wait before the second attempt; it doubles.
/// - `importer.chunksInFlight` (int, default 3, 1 to 8): chunks under way to a shop at once.
/// - `importer.pagesInFlight` (int, default 2, 2 to 8): pages asked for at once at a source that is paged by offset.
/// - `importer.privateAddresses` (list of address ranges, default none): ranges besides the public ones that outside
///   systems may lie in, e.g. `10.1.0.0/16` for an ERP in a private network. Everything else that is private, loopback
///   included, is refused, whatever name leads there.
/// - `importer.authorityFile` (string): certificate authorities (PEM) outside systems are checked against, in place of
///   the machine's.
/// - `importer.proxy` (string), `importer.proxyCredentials` (secret, `user:password`): the way out, where there is one.
/// - `importer.allowsPlainHTTP` (bool, default false): for systems in a private network that speak no TLS.
public struct ImporterConfiguration: Sendable {
    public var databasePath: String
    public var stagingFolder: String
    public var publishedFolder: String
    public var journalFolder: String
    public var sealingKeyPath: String
    public var olderSealingKeyPaths: [String] = []
    public var verdictKeyPaths: [String]
    public var concurrentRuns = 2
    public var claimInterval: Duration = .seconds(2)
    public var runLimit: Duration = .seconds(4 * 3600)
    public var stallsAfter: Duration = .seconds(60)
    public var pageMegabytes = 512
    public var answerLimit: Duration = .seconds(60)
    public var requestLimit: Duration = .seconds(300)
    public var pageAttempts = 5
    public var firstRetry: Duration = .milliseconds(500)
    public var chunksInFlight = 3
    public var pagesInFlight = 2
    public var privateAddresses: [AddressRange] = []
    public var authorityFile: String?
    public var proxy: HTTPProxy?
    public var allowsPlainHTTP = false

    /// - Parameter databasePath: The folders for staging and published sets lie beside it.
    public init(databasePath: String, sealingKeyPath: String, verdictKeyPaths: [String]) {
        self.databasePath = databasePath
        self.sealingKeyPath = sealingKeyPath
        self.verdictKeyPaths = verdictKeyPaths
        let folder = databasePath.lastIndex(of: "/").map { String(databasePath[..<$0]) } ?? "."
        stagingFolder = folder + "/staging"
        publishedFolder = folder + "/published"
        journalFolder = folder + "/journals"
    }

    /// - Throws: `SettingError`, which names the variable and its range.
    public init(reading settings: Settings) throws {
        let verdictKeyPaths = settings.list("importer.verdictKeyPaths")
        guard !verdictKeyPaths.isEmpty else {
            throw SettingError(key: "importer.verdictKeyPaths", problem: "is missing")
        }
        self.init(
            databasePath: try settings.string("importer.databasePath"),
            sealingKeyPath: try settings.string("importer.sealingKeyPath"), verdictKeyPaths: verdictKeyPaths)
        stagingFolder = settings.string("importer.stagingFolder", default: stagingFolder)
        publishedFolder = settings.string("importer.publishedFolder", default: publishedFolder)
        journalFolder = settings.string("importer.journalFolder", default: journalFolder)
        olderSealingKeyPaths = settings.list("importer.olderSealingKeyPaths")
        concurrentRuns = try settings.int("importer.concurrentRuns", default: 2, in: 1...64)
        claimInterval = .seconds(try settings.int("importer.claimSeconds", default: 2, in: 1...60))
        runLimit = .seconds(60 * (try settings.int("importer.runMinutes", default: 240, in: 1...1440)))
        stallsAfter = .seconds(try settings.int("importer.stalledSeconds", default: 60, in: 5...3600))
        pageMegabytes = try settings.int("importer.pageMegabytes", default: 512, in: 1...4096)
        answerLimit = .seconds(try settings.int("importer.answerSeconds", default: 60, in: 1...600))
        requestLimit = .seconds(try settings.int("importer.requestSeconds", default: 300, in: 1...3600))
        pageAttempts = try settings.int("importer.pageAttempts", default: 5, in: 1...20)
        firstRetry = .milliseconds(try settings.int("importer.firstRetryMilliseconds", default: 500, in: 1...60_000))
        chunksInFlight = try settings.int("importer.chunksInFlight", default: 3, in: 1...8)
        pagesInFlight = try settings.int("importer.pagesInFlight", default: 2, in: 2...8)
        privateAddresses = try Self.ranges(settings)
        authorityFile = settings.optionalString("importer.authorityFile")
        proxy = settings.optionalString("importer.proxy").map {
            HTTPProxy(url: $0, credentials: settings.secret("importer.proxyCredentials"))
        }
        allowsPlainHTTP = try settings.bool("importer.allowsPlainHTTP", default: false)
    }

    private static func ranges(_ settings: Settings) throws -> [AddressRange] {
        let key = "importer.privateAddresses"
        return try settings.list(key).map { text in
            guard let range = AddressRange(text) else {
                throw SettingError(key: key, problem: "holds '\(text)', which is no address range like 10.1.0.0/16")
            }
            return range
        }
    }
}

extension HTTPClientConfiguration {
    /// How outside systems are spoken to.
    init(_ configuration: ImporterConfiguration) {
        self.init()
        addresses = configuration.privateAddresses.isEmpty ? .publicOnly : .publicAnd(configuration.privateAddresses)
        allowsPlainHTTP = configuration.allowsPlainHTTP
        if let file = configuration.authorityFile { trust = .authorities(file: file) }
        proxy = configuration.proxy
        connectionsPerHost = 8
        maxBodyBytes = configuration.pageMegabytes << 20
        timeouts.firstByte = configuration.answerLimit
        timeouts.idle = min(.seconds(30), configuration.answerLimit)
        timeouts.total = configuration.requestLimit
    }
}
