import Configuration
import CoreTypes
import Foundation
import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs a service as a process: reads the settings, starts it, stops it on SIGTERM or SIGINT.
public enum ServiceMain {
    /// Never returns. A fault at the start ends with one plain line and exit code 78 (configuration) or 1.
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
            exit(isAboutSettings(error) ? 78 : 1)
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

    private static func isAboutSettings(_ error: any Error) -> Bool { error is SettingError }
}
