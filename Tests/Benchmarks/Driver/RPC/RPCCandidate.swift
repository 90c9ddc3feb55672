/// A pair of server and client that is measured: one program in both roles.
struct RPCCandidate: Sendable {
    /// As the command line names it: `grpc-swift`.
    let name: String
    /// As tables name it.
    let title: String
    let program: String
    /// What to do where it was not built.
    let remedy: String

    static let ours = RPCCandidate(name: "ours", title: "Sluice", program: "rpc-ours", remedy: "")
    static let grpcSwift = RPCCandidate(
        name: "grpc-swift", title: "grpc-swift-2", program: "rpc-grpc-swift", remedy: "")
    static let grpcCpp = RPCCandidate(
        name: "grpc-cpp", title: "C++ gRPC", program: "rpc-grpc-cpp",
        remedy: "apt-get install --no-install-recommends g++ libgrpc++-dev protobuf-compiler-grpc")
    static let limit = RPCCandidate(
        name: "limit", title: "C limit", program: "rpc-limit-c",
        remedy: "apt-get install --no-install-recommends gcc libc6-dev libssl-dev")

    static let all = [ours, grpcSwift, grpcCpp, limit]

    /// The best settings found for grpc-swift-2; the others have none that matter.
    func settings(for measure: RPCMeasure) -> [String] {
        guard name == Self.grpcSwift.name else { return [] }
        return ["coalescing=\(measure.grpcSwiftCoalesces ? "on" : "off")", "batch=100"]
    }
}
