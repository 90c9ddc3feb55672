// swift-tools-version: 6.2
import PackageDescription

// Targets bottom-up: Shared, APIs, services, executables, tests. Arrows point one way: executable → service →
// other services' APIs → RPC → CoreTypes. A service never imports a service.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")

func shared(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude, swiftSettings: strict)
}

/// The library of one service; its executable is the one file in `Main`.
func service(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(
        name: "\(name)Service", dependencies: dependencies, path: "Services/\(name)",
        exclude: ["Main", "README.md"] + exclude, swiftSettings: strict)
}

func main(_ name: String, _ product: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: product, dependencies: dependencies, path: "Services/\(name)/Main", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", exclude: exclude,
        swiftSettings: strict)
}

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "sluice", targets: ["sluice"]),
        .executable(name: "sluice-scheduler", targets: ["sluice-scheduler"]),
        .executable(name: "sluice-importer", targets: ["sluice-importer"]),
        .executable(name: "sluice-monitor", targets: ["sluice-monitor"]),
        .executable(name: "sluice-notifier", targets: ["sluice-notifier"]),
        .executable(name: "sluice-billing", targets: ["sluice-billing"]),
        .executable(name: "sluice-sandbox", targets: ["sluice-sandbox"]),
        // What the benchmarks, a package of their own, measure.
        .library(
            name: "SluiceCore",
            targets: [
                "CoreTypes", "JSON", "RPC", "TLS", "RPCTransport", "Staging", "Connectors", "Outbound", "SchedulerAPI",
            ]),
        // A whole importer with a monitor beside it, for the same.
        .library(
            name: "SluiceImport",
            targets: [
                "ImporterService", "MonitorService", "MonitorAPI", "Keys", "Persistence", "ServiceRuntime",
            ]),
        // What the fuzzers, another one, feed with hostile bytes.
        .library(
            name: "SluiceFuzzed",
            targets: ["CoreTypes", "JSON", "RPC", "TLS", "RPCTransport", "Staging", "Outbound", "TestCertificates"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        // C shims: macros of OpenSSL and libcurl that Swift cannot import.
        .target(
            name: "COpenSSL", path: "Shared/COpenSSL",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CCurl", path: "Shared/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CSQLite", path: "Shared/CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        // The compressor of original pages (libzstd-dev).
        .systemLibrary(name: "CZstd", path: "Shared/CZstd"),

        shared("CoreTypes"),
        shared("JSON"),
        shared("Texts", ["CoreTypes"]),
        shared("RPC", ["CoreTypes", "JSON"], exclude: ["PROTOCOL.md"]),
        shared("TLS", ["COpenSSL", nio], exclude: ["DESIGN.md"]),
        shared("RPCTransport", ["RPC", "TLS", "CoreTypes", "JSON", nio, nioPosix, logging], exclude: ["DESIGN.md"]),
        shared("Persistence", ["CSQLite", "CoreTypes", grdb, sqlite]),
        shared("Messaging", ["CoreTypes", "JSON", "RPC", "Persistence", grdb, logging], exclude: ["DESIGN.md"]),
        shared("Keys", ["CoreTypes", crypto]),
        shared("Outbound", ["CCurl", "CoreTypes"], exclude: ["DESIGN.md"]),
        shared(
            "ServiceRuntime",
            [
                "CoreTypes", "RPC", "RPCTransport", "TLS", "Texts", "Persistence", logging, lifecycle, unixSignals,
                configuration,
            ]),

        // One module per service: its requests and events, nothing else.
        shared("SchedulerAPI", ["CoreTypes", "RPC"]),
        shared("ImporterAPI", ["CoreTypes", "RPC", "SchedulerAPI"]),
        shared("MonitorAPI", ["CoreTypes", "RPC", "JSON", "Keys", "SchedulerAPI"]),
        shared("NotifierAPI", ["CoreTypes", "RPC", "SchedulerAPI"]),
        shared("BillingAPI", ["CoreTypes", "RPC", "SchedulerAPI"]),
        shared("SandboxAPI", ["CoreTypes", "RPC"]),

        service(
            "Scheduler",
            [
                "CoreTypes", "RPC", "JSON", "Persistence", "Messaging", "ServiceRuntime", "SchedulerAPI", "ImporterAPI",
                "MonitorAPI", "NotifierAPI", "BillingAPI", grdb, logging, lifecycle, configuration,
            ]),
        .target(
            name: "Staging", dependencies: ["CoreTypes", "Persistence", "SchedulerAPI", "CZstd", sqlite, crypto],
            path: "Services/Importer/Staging", exclude: ["DESIGN.md"], swiftSettings: strict),
        .target(
            name: "Connectors",
            dependencies: ["CoreTypes", "JSON", "Outbound", "SchedulerAPI", "ImporterAPI", "Staging", crypto],
            path: "Services/Importer/Connectors", exclude: ["DESIGN.md"], swiftSettings: strict),
        service(
            "Importer",
            [
                "CoreTypes", "RPC", "JSON", "Keys", "Persistence", "Messaging", "ServiceRuntime", "Outbound", "Staging",
                "Connectors", "SchedulerAPI", "ImporterAPI", "MonitorAPI", grdb, logging, lifecycle, configuration,
            ], exclude: ["Staging", "Connectors", "CONCEPT.md", "DESIGN.md"]),
        service(
            "Monitor",
            [
                "CoreTypes", "RPC", "JSON", "Keys", "Persistence", "Messaging", "ServiceRuntime", "MonitorAPI",
                "SchedulerAPI", grdb, logging, lifecycle, configuration,
            ], exclude: ["DESIGN.md"]),
        service(
            "Notifier",
            [
                "CoreTypes", "RPC", "JSON", "Keys", "Texts", "Outbound", "Persistence", "Messaging", "ServiceRuntime",
                "NotifierAPI", "SchedulerAPI", grdb, logging, lifecycle, configuration,
            ], exclude: ["DESIGN.md"]),
        service(
            "Billing",
            [
                "CoreTypes", "RPC", "JSON", "Persistence", "Messaging", "ServiceRuntime", "BillingAPI", "SchedulerAPI",
                grdb, logging, lifecycle, configuration,
            ]),
        service(
            "Sandbox",
            [
                "CoreTypes", "RPC", "JSON", "TLS", "Persistence", "ServiceRuntime", "SandboxAPI", grdb, logging,
                lifecycle, configuration, hummingbird, hummingbirdCore, nio, nioPosix, crypto,
            ]),

        main(
            "Scheduler", "sluice-scheduler",
            [
                "SchedulerService", "SchedulerAPI", "ImporterAPI", "MonitorAPI", "NotifierAPI", "BillingAPI",
                "Messaging",
                "Persistence", "RPC", "RPCTransport", "ServiceRuntime",
            ]),
        main(
            "Importer", "sluice-importer",
            ["ImporterService", "ImporterAPI", "SchedulerAPI", "MonitorAPI", "RPC", "RPCTransport", "ServiceRuntime"]),
        main("Monitor", "sluice-monitor", ["MonitorService", "MonitorAPI", "RPC", "Persistence", "ServiceRuntime"]),
        main(
            "Notifier", "sluice-notifier",
            ["NotifierService", "NotifierAPI", "Outbound", "RPC", "Persistence", "ServiceRuntime"]),
        main("Billing", "sluice-billing", ["BillingService", "BillingAPI", "RPC", "Persistence", "ServiceRuntime"]),
        main(
            "Sandbox", "sluice-sandbox",
            ["SandboxService", "SandboxAPI", "RPC", "Persistence", "TLS", "ServiceRuntime"]),
        .target(
            name: "SupportCommandLine",
            dependencies: [
                "CoreTypes", "RPC", "JSON", "RPCTransport", "Keys", "Texts", "ServiceRuntime", "SchedulerAPI",
                "ImporterAPI", "MonitorAPI", "NotifierAPI", "BillingAPI", "SandboxAPI", arguments, configuration,
                logging,
            ],
            path: "Services/CommandLine", exclude: ["Main", "README.md"], swiftSettings: strict),
        main("CommandLine", "sluice", ["SupportCommandLine"]),

        .target(
            name: "TestSupport", dependencies: ["CoreTypes", "RPC", "Persistence", "ServiceRuntime", grdb, logging],
            path: "Shared/TestSupport", swiftSettings: strict),

        // Authorities and certificates for tests, made with the openssl command line.
        .target(name: "TestCertificates", path: "Shared/TestCertificates", swiftSettings: strict),

        // A whole installation as processes, for tests.
        .target(
            name: "TestInstallation", dependencies: ["TestSupport"], path: "Shared/TestInstallation",
            swiftSettings: strict),

        tests("CoreTypesTests", ["CoreTypes"]),
        tests("JSONTests", ["JSON"]),
        tests("TextsTests", ["Texts", "CoreTypes"]),
        tests("RPCTests", ["RPC", "JSON", "CoreTypes"]),
        tests(
            "TLSTests", ["TLS", "COpenSSL", "TestCertificates", nio, nioPosix, nioEmbedded], exclude: ["Peers"]),
        tests(
            "RPCTransportTests",
            [
                "RPCTransport", "RPC", "TLS", "JSON", "CoreTypes", "TestCertificates", nio, nioPosix, nioEmbedded,
                logging,
            ]),
        tests("PersistenceTests", ["Persistence", "CoreTypes", grdb, sqlite]),
        tests(
            "MessagingTests",
            [
                "Messaging", "NotifierService", "BillingService", "NotifierAPI", "BillingAPI", "SchedulerAPI",
                "Persistence", "RPC", "JSON", "CoreTypes", grdb,
            ]),
        tests("KeysTests", ["Keys", "CoreTypes"]),
        tests("OutboundTests", ["Outbound", "CoreTypes", "TestCertificates"], exclude: ["Peers"]),
        tests(
            "ContractTests",
            [
                "RPC", "JSON", "CoreTypes", "SchedulerAPI", "ImporterAPI", "MonitorAPI", "NotifierAPI", "BillingAPI",
                "SandboxAPI",
            ], exclude: ["Contracts"]),
        tests(
            "SchedulerServiceTests",
            [
                "SchedulerService", "SchedulerAPI", "RPC", "RPCTransport", "TLS", "TestCertificates", "JSON",
                "Persistence", "Messaging", "CoreTypes", grdb, nio, nioPosix, logging,
            ]),
        tests("StagingTests", ["Staging", "Persistence", "SchedulerAPI", "CoreTypes", sqlite]),
        tests(
            "ImporterServiceTests",
            [
                "ImporterService", "Connectors", "Staging", "Outbound", "Keys", "SandboxService", "MonitorService",
                "SchedulerAPI", "ImporterAPI", "MonitorAPI", "SandboxAPI", "RPC", "JSON", "TLS", "Persistence",
                "ServiceRuntime", "CoreTypes", grdb, lifecycle,
            ]),
        tests(
            "MonitorServiceTests",
            [
                "MonitorService", "MonitorAPI", "SchedulerAPI", "Keys", "RPC", "JSON", "Persistence", "CoreTypes", grdb,
            ]),
        tests(
            "NotifierServiceTests",
            [
                "NotifierService", "NotifierAPI", "SchedulerAPI", "Outbound", "Texts", "RPC", "JSON", "Persistence",
                "TestCertificates", "CoreTypes", grdb,
            ], exclude: ["Peers"]),
        tests(
            "BillingServiceTests",
            ["BillingService", "BillingAPI", "SchedulerAPI", "RPC", "JSON", "Persistence", "CoreTypes", grdb]),
        tests(
            "SandboxServiceTests",
            [
                "SandboxService", "SandboxAPI", "Outbound", "Persistence", "TLS", "TestCertificates", "RPC",
                "CoreTypes", "JSON", crypto, nio, nioPosix,
            ]),
        tests(
            "SupportCommandLineTests",
            [
                "SupportCommandLine", "ImporterAPI", "MonitorAPI", "NotifierAPI", "SchedulerAPI", "Keys", "CoreTypes",
                "RPC", "JSON", arguments,
            ]),
        tests(
            "FaultTests",
            [
                "TestInstallation", "SchedulerService", "ImporterService", "MonitorService", "NotifierService",
                "BillingService", "CoreTypes", "RPC", "RPCTransport", "TLS", "JSON", "Keys", "Outbound", "Messaging",
                "Persistence", "SchedulerAPI", "ImporterAPI", "MonitorAPI", "NotifierAPI", "BillingAPI", "SandboxAPI",
                grdb, logging, crypto,
            ], exclude: ["Poison/poison_erp.py"]),
        // The fuzzers' functions, here fed with their corpora; the same folder is a package of its own with libFuzzer.
        tests(
            "FuzzTests",
            [
                "RPCTransport", "RPC", "TLS", "JSON", "Staging", "Outbound", "CoreTypes", "TestCertificates", nio,
                nioEmbedded,
            ], exclude: ["Fuzzer", "Corpus", "README.md"]),
        tests(
            "SystemTests",
            [
                "TestInstallation", "CoreTypes", "RPC", "RPCTransport", "TLS", "JSON", "SchedulerAPI", "ImporterAPI",
                "MonitorAPI",
                "NotifierAPI", "BillingAPI", "SandboxAPI",
            ]),
    ]
)
