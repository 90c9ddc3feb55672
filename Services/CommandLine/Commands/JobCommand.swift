import ArgumentParser
import CoreTypes
import MonitorAPI
import RPC
import SchedulerAPI

struct JobCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List jobs: schedule, last run, next run, or who paused it and why.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "Only those of this merchant.") var merchant: String?

    func perform(_ session: Session) async throws {
        var id: MerchantID?
        if let merchant { id = try await session.merchantID(merchant) }
        let response = try await session.call(ListJobs(merchantID: id, limit: 500))
        var table = Table("connection", "merchant", "schedule", "last run", "outcome", "next run", "state")
        for job in response.jobs {
            let next = job.paused.map { "paused by \($0.by) since \($0.since.local): \($0.reason)" }
            table.add(
                job.connectionLabel, job.merchantName, job.scheduleInWords, (job.lastRun?.queuedAt).local,
                job.lastRun.map(session.texts.outcome) ?? "–", next ?? job.nextRunAt.local,
                job.state.map(session.texts.state) ?? "–")
        }
        try session.output.show(response) { table.lines() }
    }
}

struct MonitoringCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitoring",
        abstract: "Switch the completeness check of a connection on and off; who, when and why is kept.",
        subcommands: [On.self, Off.self, Show.self])

    struct On: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Judge every import before it is published.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String
        @Option(help: "Why.") var reason: String

        func perform(_ session: Session) async throws {
            try await MonitoringCommand.set(true, connection, reason, session)
        }
    }

    struct Off: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish without a judgement: access is checked, figures are kept, nothing else.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String
        @Option(help: "Why.") var reason: String

        func perform(_ session: Session) async throws {
            try await MonitoringCommand.set(false, connection, reason, session)
        }
    }

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show the switch and its history.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(DescribePolicy(connectionID: id))
            try session.output.show(response) { MonitoringCommand.lines(response.policy) }
        }
    }

    static func set(_ on: Bool, _ connection: String, _ reason: String, _ session: Session) async throws {
        let id = try await session.connection(connection).connectionID
        let response = try await session.call(SetMonitoring(connectionID: id, on: on, reason: reason))
        try session.output.show(response) { lines(response.policy) }
    }

    static func lines(_ policy: MonitoringPolicy) -> [String] {
        ["Monitoring is \(policy.on ? "on" : "OFF")."]
            + policy.history.map {
                "  \($0.changedAt.local)  \($0.on ? "on" : "off")  \($0.changedBy): \($0.reason)".singleLine
            }
    }
}
