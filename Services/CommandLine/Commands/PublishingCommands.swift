import ArgumentParser
import CoreTypes
import RPC
import SchedulerAPI
import ServiceRuntime

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
            abstract: "List the published sets a rollback can go to, newest first.",
            discussion: """
                A set shows the source as of the time in the first column, whenever it was published. "Not as it was \
                published" is a set after which the shop, read back, showed something else.
                """)
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String

        func perform(_ session: Session) async throws {
            let summary = try await session.connection(connection)
            let response = try await session.call(ListPublishedSets(connectionID: summary.connectionID))
            let warning = session.texts.outdated(summary, at: WallClock.live.now()).map { ["", $0] } ?? []
            try session.output.show(response) { Self.table(response.sets).lines() + warning }
        }

        static func table(_ sets: [PublishedSetSummary]) -> Table {
            var table = Table("as of", "published", "versions", "", "run")
            for set in sets {
                let versions = set.versions.map { "\($0.module.rawValue) \($0.version)" }.joined(separator: ", ")
                let marks = [set.isCurrent ? "current" : nil, set.differs == true ? "not as it was published" : nil]
                table.add(
                    set.asOf.local, set.publishedAt.local, versions, marks.compactMap(\.self).joined(separator: ", "),
                    "\(set.runID)")
            }
            return table
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
