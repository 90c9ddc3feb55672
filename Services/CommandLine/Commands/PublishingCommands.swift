import ArgumentParser
import CoreTypes
import RPC
import SchedulerAPI

/// What a person decides about what a shop shows: freeze, published sets, rollback.
extension ConnectionCommand {
    struct Freeze: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop publishing, for a campaign say; imports are still fetched and judged, and then held.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "Why; shown wherever the connection is.") var reason: String

        func perform(_ session: Session) async throws {
            try await ConnectionCommand.setFreeze(true, connection, reason, session) { label, changed in
                changed ? "\(label) is frozen: nothing is published." : "\(label) was frozen already."
            }
        }
    }

    struct Unfreeze: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a connection publish again; what is held still waits to be released.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "Why; kept with the change.") var reason: String

        func perform(_ session: Session) async throws {
            try await ConnectionCommand.setFreeze(false, connection, reason, session) { label, changed in
                changed ? "\(label) publishes again." : "\(label) was not frozen."
            }
        }
    }

    struct Sets: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the published sets a rollback can go to, newest first.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(ListPublishedSets(connectionID: id))
            var table = Table("published", "versions", "", "run")
            for set in response.sets {
                let versions = set.versions.map { "\($0.module.rawValue) \($0.version)" }.joined(separator: ", ")
                table.add(set.publishedAt.local, versions, set.isCurrent ? "current" : "", "\(set.runID)")
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Rollback: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollback",
            abstract: "Bring back what the shop showed after an earlier run, all of it at once, and freeze.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "The run whose set is wanted, from 'connection sets'; the one before the current without it.")
        var to: String?
        @Option(help: "Why; kept with the run and shown to the merchant.") var reason: String
        @Flag(help: "Do not wait for the end.") var noWait = false

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(
                RollBack(
                    connectionID: id, toRunID: try to.map { try session.run($0) }, reason: reason))
            if noWait {
                try session.output.show(response) { ["\(response.runID)"] }
            } else {
                try await RunCommand.watch(response.runID, session)
            }
        }
    }

    private static func setFreeze(
        _ frozen: Bool, _ connection: String, _ reason: String, _ session: Session,
        words: (_ label: String, _ changed: Bool) -> String
    ) async throws {
        let id = try await session.connection(connection).connectionID
        let response = try await session.call(SetFreeze(connectionID: id, frozen: frozen, reason: reason))
        try session.output.show(response) { [words(response.connection.label, response.changed)] }
    }
}
