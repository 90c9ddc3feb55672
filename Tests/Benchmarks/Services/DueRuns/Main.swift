import Candidate
import CoreTypes
import Foundation
import Logging
import NIOPosix
import RPC
import RPCTransport
import TLS

/// Makes thousands of connections that are due at one moment, and tells how soon their runs begin.
///
/// `due-runs client certificates=… trust-domain=… port=… count=…`
@main
enum Main {
    static func main() async throws {
        let arguments = Arguments()
        endWithDriver()
        let count = arguments.number("count")
        let person = try connect(arguments, as: "operator")
        let due = try await Preparation(scheduler: person, count: count).run()
        await person.shutDown()
        let importer = try connect(arguments, as: "importer")
        try await Task.sleep(for: due - now() - .seconds(1))
        let delays = try await Claimers(scheduler: importer, count: count, due: due).run()
        guard delays.count == count, let first = delays.first, let last = delays.last else {
            fail("\(delays.count) runs began, not \(count)")
        }
        Outcome(values: [
            "count": Double(count), "first": milliseconds(first), "p50": milliseconds(delays[count / 2]),
            "p99": milliseconds(delays[count * 99 / 100]), "last": milliseconds(last),
            "rate": Double(count) / ((last - first) / .seconds(1)),
        ]).print()
    }

    private static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }

    private static func connect(_ arguments: Arguments, as name: String) throws -> RPCClient {
        let tls = TLSConfiguration.mutual(
            trustDomain: arguments.text("trust-domain"), certificateChainPath: arguments.certificate("\(name).pem"),
            privateKeyPath: arguments.certificate("\(name).key"),
            certificateAuthorityPath: arguments.certificate("authority.pem"))
        return RPCClient(
            configuration: RPCClientConfiguration(
                service: "scheduler", addresses: [RPCAddress(host: "127.0.0.1", port: arguments.port)]),
            tls: try TLSContextSource(tls), logger: Logger(label: "due-runs") { _ in SwiftLogNoOpLogHandler() },
            randomness: Randomness { UInt64.random(in: .min ... .max) },
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    }
}

func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
