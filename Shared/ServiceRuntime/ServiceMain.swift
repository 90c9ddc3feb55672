import Configuration
import CoreTypes
import Foundation
import Logging
import Persistence
public import ServiceLifecycle
import UnixSignals

/// Runs a service as a process: reads the settings, starts it, stops it on SIGTERM or SIGINT.
public enum ServiceMain {
    /// Never returns. A fault at the start ends with one plain line and exit code 78 (configuration), 74
    /// (the disk; a supervisor starts it again) or 1.
    public static func run(
        _ name: String, makeServices: @Sendable (Settings, ServiceEnvironment) async throws -> [any Service]
    ) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        umask(0o077)
        let variables = ProcessInfo.processInfo.environment
        let environment = ServiceEnvironment.live(label: name, variables: variables)
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        do {
            let services = try await makeServices(Settings(reader), environment)
            try await group(services, environment).run()
            exit(0)
        } catch {
            complain("sluice-\(name): \(error)")
            exit(exitCode(of: error))
        }
    }

    private static func group(_ services: [any Service], _ environment: ServiceEnvironment) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: environment.logger)
        configuration.maximumGracefulShutdownDuration = .seconds(25)
        return ServiceGroup(configuration: configuration)
    }

    private static func complain(_ line: String) {
        StandardError.write(line + "\n")
    }

    /// 78: only a person can mend it, and starting again would not help. 74: the disk; starting again later may.
    private static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is SettingError, DatabaseOpeningError.newerVersion: 78
        case is StorageFault: ServiceDatabase.exitCodeOfDiskFaults
        default: 1
        }
    }
}
