/// One way of using RPC that is measured.
struct RPCMeasure: Sendable {
    /// As the command line names it: `16x16`.
    let name: String
    let title: String
    /// What the client is told, beside where and with what.
    let arguments: [String]
    /// Which of grpc-swift-2's two settings of flush coalescing is the better one here.
    let grpcSwiftCoalesces: Bool
    /// What is shown of it, in this order.
    let shown: [Shown]

    enum Shown: String, Sendable {
        case p50, p99, rate, clientMicroseconds, serverMicroseconds, kilobytes, baseKilobytes
    }

    static func all(short: Bool) -> [RPCMeasure] {
        func calls(_ name: String, _ connections: Int, _ inFlight: Int, coalesces: Bool) -> RPCMeasure {
            RPCMeasure(
                name: name, title: "\(connections) connection\(connections == 1 ? "" : "s") x \(inFlight) in flight",
                arguments: ["measure=calls", "connections=\(connections)", "in-flight=\(inFlight)"]
                    + ["warm-up=\(short ? 0.5 : 1)", "seconds=\(short ? 1 : 2)"],
                grpcSwiftCoalesces: coalesces,
                shown: (connections * inFlight == 1 ? [.p50, .p99] : [])
                    + [.rate, .clientMicroseconds, .serverMicroseconds])
        }
        let items = short ? 200_000 : 1_000_000
        let connections = short ? 250 : 1000
        return [
            calls("sequential", 1, 1, coalesces: false),
            calls("1x64", 1, 64, coalesces: true),
            calls("16x16", 16, 16, coalesces: true),
            calls("256x1", 256, 1, coalesces: true),
            RPCMeasure(
                name: "stream", title: "server stream of \(items) items",
                arguments: ["measure=stream", "items=\(items)"], grpcSwiftCoalesces: true,
                shown: [.rate, .clientMicroseconds, .serverMicroseconds]),
            RPCMeasure(
                name: "set-up", title: "\(connections) times connect, handshake, first call, close; 8 at once",
                arguments: ["measure=set-up", "connections=\(connections)"], grpcSwiftCoalesces: false,
                shown: [.rate, .clientMicroseconds, .serverMicroseconds]),
            RPCMeasure(
                name: "idle", title: "resident memory of the server, \(connections) idle connections",
                arguments: ["measure=idle", "connections=\(connections)"], grpcSwiftCoalesces: true,
                shown: [.kilobytes, .baseKilobytes]),
        ]
    }
}

extension RPCMeasure.Shown {
    var title: String {
        switch self {
        case .p50: "p50 us"
        case .p99: "p99 us"
        case .rate: "per second"
        case .clientMicroseconds: "client CPU us"
        case .serverMicroseconds: "server CPU us"
        case .kilobytes: "KB each"
        case .baseKilobytes: "KB without"
        }
    }
}
