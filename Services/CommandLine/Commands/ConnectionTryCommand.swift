import ArgumentParser
import CoreTypes
import ImporterAPI
import RPC
import SchedulerAPI

extension ConnectionCommand {
    /// Shows source and result side by side before anything is saved.
    struct Try: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "try",
            abstract: "Show what settings make of ten real items, beside their source; saves and publishes nothing.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "This item, filtered out or not. May be repeated, up to ten times; without it the first ten.")
        var key: [String] = []
        @Flag(help: "List the fields the source's items have instead.") var fields = false
        @Flag(help: "Also the item as the source wrote it, and the rows as they would be sent.") var whole = false
        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard key.count <= TryMapping.itemsMax else {
                throw ValidationError("At most \(TryMapping.itemsMax) items at once.")
            }
        }

        func perform(_ session: Session) async throws {
            let summary = try await session.connection(connection)
            let present = try await session.call(DescribeConnection(connectionID: summary.connectionID)).settings
            let response = try await session.call(
                TryMapping(
                    systemID: summary.source.systemID, settings: try settings.applied(to: present),
                    keys: key.isEmpty ? nil : key))
            let lines = TrialLines(response, session.texts, source: summary.source.name, isWhole: whole)
            try session.output.show(response) { fields ? lines.sourceFields : lines.all }
            if response.steps.contains(where: { $0.failure != nil }) { throw ExitCode.notDone }
        }
    }
}
