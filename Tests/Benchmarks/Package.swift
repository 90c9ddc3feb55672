// swift-tools-version: 6.2
import PackageDescription

// What Sluice is measured with. A package of its own, so that nobody who builds Sluice resolves or builds a peer.
// The peers in C and C++ are built by `run`; README.md says what each program does.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Named so for the folder it is in would otherwise name it.
let sluice: Target.Dependency = .product(name: "SluiceCore", package: "sluice")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "sluice-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "sluice", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Peers.
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    ],
    targets: [
        // Tables, ratios, verdicts and the JSON file: the same for every kind of measure.
        .target(name: "Figures", path: "Figures", swiftSettings: strict),
        // Starts candidates, takes turns, prints.
        .executableTarget(
            name: "benchmarks", dependencies: ["Figures", arguments], path: "Driver", swiftSettings: strict),

        // What both RPC candidates in Swift are made of: arguments, the measured window, the result line.
        .target(name: "Candidate", path: "RPC/Candidate", swiftSettings: strict),
        .executableTarget(
            name: "rpc-ours", dependencies: ["Candidate", sluice, nioPosix, logging], path: "RPC/Ours",
            swiftSettings: strict),
        .executableTarget(
            name: "rpc-grpc-swift",
            dependencies: [
                "Candidate", nioPosix,
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
            ], path: "RPC/PeerGRPCSwift", swiftSettings: strict),

        .executableTarget(
            name: "import-ours",
            dependencies: [
                sluice, .product(name: "SluiceImport", package: "sluice"), lifecycle,
            ], path: "Import/Ours", swiftSettings: strict),

        // Ten thousand connections due at one moment, and importers that only claim.
        .executableTarget(
            name: "due-runs", dependencies: ["Candidate", sluice, nioPosix, logging], path: "Services/DueRuns",
            swiftSettings: strict),
    ]
)
