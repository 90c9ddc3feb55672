// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over the functions in ../Targets, which Targets links to. A package of its own, because it is built with other
// options than the product: `compose/fuzz` builds and runs it.

let package = Package(
    name: "sluice-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "sluice", path: "../../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "sluice-fuzz",
            dependencies: [
                .product(name: "SluiceFuzzed", package: "sluice"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: ".", exclude: ["Suppressions.txt"], sources: ["Targets", "Main"],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ])
    ]
)
