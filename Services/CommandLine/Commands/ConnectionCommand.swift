import ArgumentParser
import CoreTypes
import Foundation
import JSON
import RPC
import SchedulerAPI
import ServiceRuntime

struct ConnectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection",
        abstract: "Join systems, with mapping and schedule; freeze and roll back what is published.",
        subcommands: [
            Create.self, List.self, Show.self, Try.self, Update.self, Settings.self, Release.self, Freeze.self,
            Unfreeze.self, Sets.self, Rollback.self,
        ])

    struct Create: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Join an ERP and a webshop of one merchant.")
        @OptionGroup var common: CommonOptions
        @Option(help: "The merchant.") var merchant: String
        @Option(help: "The system to read from.") var source: String
        @Option(help: "The shop to publish to.") var target: String
        @Option(help: "Without it: \"source > target\".") var label: String?
        @OptionGroup var schedule: ScheduleOptions
        @OptionGroup var settings: SettingsOptions

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                CreateConnection(
                    merchantID: try await session.merchantID(merchant), label: label,
                    sourceID: try await session.system(source, of: merchant),
                    targetID: try await session.system(target, of: merchant),
                    settings: try settings.applied(to: ConnectionSettings()), schedule: try schedule.value() ?? .manual)
            )
            try session.output.show(response) { ["\(response.connection.connectionID)  \(response.connection.label)"] }
        }
    }

    struct Update: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change mapping, reading or schedule; a run in hand keeps the settings it began with.",
            discussion: "The same options with 'sluice connection try' show on ten real items what they would do.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "Why; kept with the change.") var reason: String
        @OptionGroup var schedule: ScheduleOptions
        @OptionGroup var settings: SettingsOptions

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let present = try await session.call(DescribeConnection(connectionID: id)).settings
            let changed = try settings.applied(to: present)
            let response = try await session.call(
                UpdateConnection(
                    connectionID: id, settings: changed == present ? nil : changed, schedule: try schedule.value(),
                    reason: reason))
            try session.output.show(response) { ["Changed \(response.connection.label)."] }
            if changed.mapping != present.mapping {
                session.output.hint("What it makes of real items: sluice connection try \(id)")
            }
        }
    }

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List connections with state, last and next run.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Only those of this merchant.") var merchant: String?

        func perform(_ session: Session) async throws {
            var id: MerchantID?
            if let merchant { id = try await session.merchantID(merchant) }
            let response = try await session.call(ListConnections(merchantID: id, limit: 500))
            try session.output.show(response) { ConnectionCommand.table(response.connections, session.texts).lines() }
        }
    }

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show a connection with its settings.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(DescribeConnection(connectionID: id))
            try session.output.show(response) {
                try Self.lines(response, session.texts, at: WallClock.live.now())
            }
        }

        static func lines(
            _ answer: DescribeConnection.Response, _ texts: TextLookup, at now: Instant
        ) throws -> [String] {
            let connection = answer.connection
            var facts = Facts()
            facts.add("Connection", "\(connection.label)  \(connection.connectionID)")
            facts.add("Merchant", connection.merchantName)
            facts.add("Direction", "\(connection.source.name) > \(connection.target.name)")
            facts.add("Modules", connection.modules.map(\.rawValue).joined(separator: ", "))
            facts.add("State", texts.state(connection.effectiveState))
            if let parked = connection.parked {
                facts.add(
                    "Parked", "\(parked.since.local), after \(parked.tries) failed tries, the last \(parked.lastRunID)")
            }
            facts.add("Frozen", connection.freeze.map { "\($0.since.local) by \($0.by): \($0.reason)" })
            facts.add("Next run", connection.nextRunAt.local)
            facts.add("Last published", connection.lastPublishedAt.local)
            facts.add(
                "Shop is as of",
                [connection.asOf.local, texts.outdated(connection, at: now)].compactMap(\.self).joined(separator: "  "))
            facts.add("Promised", answer.settings.promisedMinutes.map { "never older than \($0) minutes" } ?? "nothing")
            facts.add(
                "Settings",
                "version \(answer.settingsVersion), \(answer.settingsChangedBy), "
                    + answer.settingsChangedAt.local)
            let promise =
                connection.target.kind.isDirect
                ? texts.guidance("direct_shop_promise", ["target": connection.target.name]) : []
            return facts.lines() + promise + [try JSON.encodeText(answer.settings)]
        }
    }

    struct Release: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a connection start again that was parked after too many failed tries.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Label or id.") var connection: String
        @Option(help: "Why; kept with the change.") var reason: String

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let response = try await session.call(ReleaseConnection(connectionID: id, reason: reason))
            let label = response.connection.label
            try session.output.show(response) {
                [response.wasParked ? "Released \(label)." : "\(label) was not parked."]
            }
        }
    }

    static func table(_ connections: [ConnectionSummary], _ texts: TextLookup) -> Table {
        var table = Table("connection", "merchant", "last run", "next run", "state", "id")
        for connection in connections {
            let last = connection.lastRun.map { "\($0.queuedAt.local) \(texts.outcome($0))" } ?? "never"
            table.add(
                connection.label, connection.merchantName, last, connection.nextRunAt.local,
                texts.state(connection.effectiveState), "\(connection.connectionID)")
        }
        return table
    }
}

/// When a connection runs by itself.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "Every so many minutes.") var everyMinutes: Int?
    @Option(help: "Cron: minute hour day month weekday, as \"0 3 * * *\".") var cron: String?
    @Option(help: "IANA name for --cron; without it the merchant's.") var zone: String?
    @Flag(help: "Only when somebody starts it.") var manual = false

    func validate() throws {
        let given = [everyMinutes != nil, cron != nil, manual].filter { $0 }.count
        guard given <= 1 else { throw ValidationError("Give one of --every-minutes, --cron and --manual.") }
        guard zone == nil || cron != nil else { throw ValidationError("--zone goes with --cron.") }
    }

    func value() throws -> Schedule? {
        if let everyMinutes { return .every(seconds: everyMinutes * 60) }
        if let cron { return .cron(cron, timeZone: zone) }
        return manual ? .manual : nil
    }
}

/// Mapping and reading, option by option or from a file.
struct SettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("JSON file with all settings, as 'connection show --json' prints.", valueName: "file"))
    var settings: String?
    @Option(help: "A module to move: products, prices, stock. May be repeated; without it all.")
    var module: [Module] = []
    @Option(help: "Source price list = shop price list, as 1=retail. May be repeated.") var priceList: [String] = []
    @Option(help: "Source warehouse = shop warehouse, as 01=main. May be repeated.") var warehouse: [String] = []
    @Option(help: "ISO currency where the source leaves it empty.") var currency: String?
    @Option(
        help: """
            Shop field = source field, as barcode=CodeBars; the shop's are name, barcode, group, unit and taxCode, and none \
            as source field leaves one out. May be repeated.
            """) var field: [String] = []
    @Option(help: "Shop attribute = source field, as colour=U_Colour. May be repeated.") var attribute: [String] = []
    @Option(help: "The source's own filter on items; an empty one stands for the usual.") var filter: String?
    @Option(help: "Whether what is reserved is subtracted from the stock: true or false.") var subtractReserved: Bool?
    @Option(
        help: """
            How pages are asked for. keyset, by the last key read: what a new connection gets; items may be edited \
            meanwhile, and a read that was cut off goes on. offset, by number: several pages can be asked for at once \
            (importer.pagesInFlight), but an edited item moves, and the run is refused when that happens twice.
            """) var paging: Reading.Paging?
    @Option(help: "Items per page asked for.") var pageSize: Int?
    @Option(help: "How old what the shop shows may be at most, in minutes; 0 promises nothing, as without it.")
    var promiseMinutes: Int?

    func applied(to base: ConnectionSettings) throws -> ConnectionSettings {
        var result = base
        if let settings {
            guard let text = try? String(contentsOfFile: settings, encoding: .utf8) else {
                throw ValidationError("The file \(settings) cannot be read.")
            }
            do {
                result = try JSON.decode(ConnectionSettings.self, from: text)
            } catch {
                throw ValidationError("\(settings): \(error)")
            }
        }
        if !module.isEmpty { result.modules = module }
        if !priceList.isEmpty { result.mapping.prices.priceLists = try pairs(priceList) }
        if !warehouse.isEmpty { result.mapping.stock.warehouses = try pairs(warehouse) }
        if let currency { result.mapping.prices.defaultCurrency = currency }
        if !attribute.isEmpty { result.mapping.products.attributes = try pairs(attribute) }
        for (shopField, source) in try pairs(field) { try choose(source, for: shopField, in: &result.mapping.products) }
        if let subtractReserved { result.mapping.stock.subtractReserved = subtractReserved }
        if let filter { result.reading.filter = filter.isEmpty ? nil : filter }
        if let paging { result.reading.paging = paging }
        if let pageSize { result.reading.pageSize = pageSize }
        if let promiseMinutes { result.promisedMinutes = promiseMinutes == 0 ? nil : promiseMinutes }
        return result
    }

    private func choose(_ source: String, for shopField: String, in products: inout ProductMapping) throws {
        let field = source == "none" || source.isEmpty ? nil : source
        switch shopField {
        case "name":
            guard let field else { throw ValidationError("The shop's items need a name.") }
            products.name = field
        case "barcode": products.barcode = field
        case "group": products.group = field
        case "unit": products.unit = field
        case "taxCode": products.taxCode = field
        default: throw ValidationError("'\(shopField)' is none of name, barcode, group, unit and taxCode.")
        }
    }
}
