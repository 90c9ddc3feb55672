import ArgumentParser
import CoreTypes
import Foundation
import MonitorAPI
import RPC
import SchedulerAPI
import ServiceRuntime

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Tolerance, drop guard, limits, must-have items and shadow mode of a connection.",
        subcommands: [Show.self, Set.self, WouldHaveStopped.self])

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show the rules and who changed them.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(DescribePolicy(connectionID: id))
            try session.output.show(response) { PolicyCommand.lines(response.policy, at: WallClock.live.now()) }
        }
    }

    struct Set: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change rules; those not named stay. Refused if somebody else changes them meanwhile.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String
        @Option(help: "Why; kept with the change.") var reason: String
        @OptionGroup var change: PolicyChangeOptions

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let held = try await session.call(DescribePolicy(connectionID: id)).policy
            let rules = try change.applied(to: held.rules, at: WallClock.live.now())
            let response = try await session.call(
                SetPolicy(
                    connectionID: id, on: held.on, rules: rules, expectedVersion: held.version, reason: reason))
            try session.output.show(response) { PolicyCommand.lines(response.policy, at: WallClock.live.now()) }
        }
    }

    struct WouldHaveStopped: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "List imports that shadow mode let pass, newest first.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String
        @Option(help: "At most so many, 1 to 200.") var limit = 50

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(ListShadowStops(connectionID: id, limit: limit))
            try session.output.show(response) { Self.lines(response.stops, session.texts) }
        }

        static func lines(_ stops: [ShadowStop], _ texts: TextLookup) -> [String] {
            var table = Table("when", "verdict", "also held for", "read", "of", "run")
            for stop in stops {
                table.add(
                    stop.judgedAt.local, texts.word(stop.verdict),
                    stop.holds.isEmpty ? "–" : stop.holds.map(\.rawValue).joined(separator: ", "),
                    "\(stop.distinctKeys)", stop.expected.orDash, "\(stop.runID)")
            }
            return table.isEmpty ? ["Nothing would have been stopped."] : table.lines()
        }
    }

    static func lines(_ policy: MonitoringPolicy, at now: Instant) -> [String] {
        let rules = policy.rules
        var facts = Facts()
        facts.add("Monitoring", policy.on ? "on" : "OFF")
        facts.add(
            "Tolerance", rules.tolerance == 0 ? "no item may be missing" : "\(rules.tolerance) items may be missing")
        facts.add(
            "Drop guard", rules.dropGuard.map { "held beyond \($0.items) items and \($0.percent) %" } ?? "off")
        let totals = rules.controlTotals
        facts.add("Price change", totals.priceChangePercent.map { "held beyond \($0) %" } ?? "no limit")
        facts.add("Prices of 0", totals.zeroPrices.map { "held beyond \($0)" } ?? "no limit")
        facts.add("Sum of stock", totals.stockSumPercent.map { "held beyond a change of \($0) %" } ?? "no limit")
        facts.add("Must-have items", rules.mustHave.isEmpty ? "none" : rules.mustHave.joined(separator: ", "))
        facts.add("Shadow mode", shadow(policy, at: now))
        facts.add("Version", "\(policy.version)")
        return facts.lines() + policy.history.flatMap(historyLines)
    }

    private static func shadow(_ policy: MonitoringPolicy, at now: Instant) -> String {
        guard let until = policy.rules.shadowUntil else { return "off" }
        let isOver = until <= now
        let when = isOver ? "OVER since \(until.local)" : "until \(until.local)"
        guard let stops = policy.shadow?.stops else { return when }
        let figures = "\(stops) \(stops == 1 ? "import" : "imports") would have been stopped\(isOver ? "" : " so far")"
        return "\(when); \(figures)" + (stops > 0 ? ", see 'sluice policy would-have-stopped'" : "")
    }

    private static func historyLines(_ change: MonitoringChange) -> [String] {
        ["  \(change.changedAt.local)  \(change.changedBy): \(change.reason)".singleLine]
            + (change.changes ?? []).map { "      \($0.setting): \($0.before) > \($0.after)".singleLine }
    }
}

/// The rules of a policy, option by option.
struct PolicyChangeOptions: ParsableArguments {
    @Option(help: "Items that may be missing of those the source counts; 0 for none.") var tolerance: Int?
    @Option(
        help: ArgumentHelp(
            "Hold imports that remove or empty more than N items and more than P % of them; 'off' for never.",
            valueName: "N,P|off"))
    var dropGuard: String?
    @Option(help: ArgumentHelp("Largest change of a price in per cent; 'off' for no limit.", valueName: "P|off"))
    var priceChange: String?
    @Option(help: ArgumentHelp("How many prices may be 0; 'off' for no limit.", valueName: "N|off"))
    var zeroPrices: String?
    @Option(help: ArgumentHelp("Change of the sum of all stock in per cent; 'off' for no limit.", valueName: "P|off"))
    var stockSum: String?
    @Option(
        help: ArgumentHelp("File with the must-have items, one item number a line; empty for none.", valueName: "file"))
    var mustHaveFile: String?
    @Option(help: "Put this item on the must-have list. May be repeated.") var addMustHave: [String] = []
    @Option(help: "Take this item off the must-have list. May be repeated.") var removeMustHave: [String] = []
    @Option(
        help: ArgumentHelp("Judge but do not stop, for so many days from now; 0 to end it.", valueName: "days"))
    var shadowDays: Int?

    func validate() throws {
        if let shadowDays, !(0...90).contains(shadowDays) { throw ValidationError("--shadow-days is 0 to 90.") }
        if mustHaveFile != nil, !addMustHave.isEmpty || !removeMustHave.isEmpty {
            throw ValidationError("--must-have-file replaces the list; it does not go with adding and removing.")
        }
    }

    func applied(to rules: PolicyRules, at now: Instant) throws -> PolicyRules {
        var rules = rules
        if let tolerance { rules.tolerance = tolerance }
        if let dropGuard { rules.dropGuard = try Self.dropGuard(dropGuard) }
        if let priceChange { rules.controlTotals.priceChangePercent = try Self.percent(priceChange, "--price-change") }
        if let zeroPrices { rules.controlTotals.zeroPrices = try Self.number(zeroPrices, "--zero-prices") }
        if let stockSum { rules.controlTotals.stockSumPercent = try Self.percent(stockSum, "--stock-sum") }
        if let mustHaveFile { rules.mustHave = try Self.items(mustHaveFile) }
        rules.mustHave = rules.mustHave.filter { !removeMustHave.contains($0) } + addMustHave
        if let shadowDays { rules.shadowUntil = shadowDays == 0 ? nil : now + .seconds(shadowDays * 86_400) }
        return rules
    }

    private static func dropGuard(_ text: String) throws -> DropGuard? {
        guard text != "off" else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let items = Int(parts[0]), let percent = ExactDecimal(parts[1]) else {
            throw ValidationError("--drop-guard is a number of items and a percentage, as 20,10, or 'off'.")
        }
        return DropGuard(items: items, percent: percent)
    }

    private static func percent(_ text: String, _ option: String) throws -> ExactDecimal? {
        guard text != "off" else { return nil }
        guard let percent = ExactDecimal(text) else {
            throw ValidationError("\(option) is a number of per cent, as 25 or 12.5, or 'off'.")
        }
        return percent
    }

    private static func number(_ text: String, _ option: String) throws -> Int? {
        guard text != "off" else { return nil }
        guard let number = Int(text) else { throw ValidationError("\(option) is a number or 'off'.") }
        return number
    }

    private static func items(_ path: String) throws -> [String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ValidationError("The file \(path) cannot be read.")
        }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }
}
