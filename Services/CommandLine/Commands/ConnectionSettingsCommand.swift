import ArgumentParser
import CoreTypes
import JSON
import RPC
import SchedulerAPI

extension ConnectionCommand {
    struct Settings: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "settings",
            abstract: "List the versions of the settings, or show one as 'update --settings' takes it.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "Show this version's settings as JSON.") var version: Int?
        @Option(help: "At most so many, 1 to 50.") var limit = 20

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(ListSettings(connectionID: id, version: version, limit: limit))
            guard let version else {
                return try session.output.show(response) { Self.table(response.versions).lines() }
            }
            guard let found = response.versions.first else {
                throw ServiceError(
                    .notFound, reason: "nothing_matches",
                    arguments: ["kind": "settings version", "text": "\(version)"])
            }
            // In both forms the settings alone, so that they can be saved again.
            try session.output.show(found.settings) { [try JSON.encodeText(found.settings)] }
        }

        private static func table(_ versions: [SettingsVersion]) -> Table {
            var table = Table("version", "since", "by", "modules", "reason")
            for version in versions {
                table.add(
                    "\(version.version)", version.changedAt.local, version.changedBy,
                    version.settings.modules.map(\.rawValue).joined(separator: ","), version.reason)
            }
            return table
        }
    }
}
