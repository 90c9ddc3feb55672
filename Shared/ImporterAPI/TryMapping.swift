public import CoreTypes
public import RPC
public import SchedulerAPI

/// Reads a few items of a source and maps them as a run would. Nothing is staged, and no shop is asked.
public struct TryMapping: RPCRequest {
    public static let method: MethodName = "importer.tryMapping"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .unavailable]
    public static let summary = "Maps ten real items with settings that need not be saved; each field with its source."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// The most items of one trial.
    public static let itemsMax = 10

    /// The source to read from.
    public var systemID: SystemID
    public var settings: ConnectionSettings
    /// Items to try, 1 to 10, whether the filter lets them through or not; nil for the first ones of a read.
    public var keys: [String]?

    public init(systemID: SystemID, settings: ConnectionSettings, keys: [String]? = nil) {
        self.systemID = systemID
        self.settings = settings
        self.keys = keys
    }

    /// Under the largest frame, whatever the items are: what does not fit is left off, and counted.
    public struct Response: Codable, Sendable, Equatable {
        /// How far it came; a failure is in the last step, and then there are no items.
        public var steps: [ProbeStep]
        public var items: [TriedItem]
        /// What of the settings finds nothing in these items.
        public var warnings: [TrialWarning]
        /// All top-level fields of these items, sorted by name; at most 1,000.
        public var sourceFields: [SourceField]

        public init(
            steps: [ProbeStep], items: [TriedItem] = [], warnings: [TrialWarning] = [], sourceFields: [SourceField] = []
        ) {
            self.steps = steps
            self.items = items
            self.warnings = warnings
            self.sourceFields = sourceFields
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(systemID: .example, settings: ConnectionSettings(), keys: ["LAMP-1"]),
            Response(
                steps: [ProbeStep(name: "read Items", durationMs: 61, failure: nil, detail: "1 item")],
                items: [.example],
                warnings: [
                    TrialWarning(
                        reason: "trial_field_not_in_items", arguments: ["field": "U_Colour", "shopField": "attributes"])
                ], sourceFields: [SourceField(name: "ItemCode", kind: .text)])
        )
    }
}

/// One item as the source wrote it, and what the shop would get.
public struct TriedItem: Codable, Sendable, Equatable {
    /// nil when it cannot be told.
    public var key: String?
    /// Why a run could not read it, as catalogue key `item_…`; then it has no rows.
    public var unreadable: String?
    /// The item's bytes as they came, cut where the answer would become too long.
    public var source: String
    /// How many bytes they are in all.
    public var sourceLength: Int
    public var rows: [TriedRow]
    /// Rows that did not fit into the answer.
    public var rowsLeftOff: Int

    public init(
        key: String?, unreadable: String?, source: String, sourceLength: Int, rows: [TriedRow], rowsLeftOff: Int = 0
    ) {
        self.key = key
        self.unreadable = unreadable
        self.source = source
        self.sourceLength = sourceLength
        self.rows = rows
        self.rowsLeftOff = rowsLeftOff
    }

    static var example: TriedItem {
        let source = #"{"ItemCode":"LAMP-1","ItemName":"Lampe"}"#
        let place = SourcePlace(path: "ItemName", offset: 33, length: 7, text: #""Lampe""#)
        return TriedItem(
            key: "LAMP-1", unreadable: nil, source: source, sourceLength: source.utf8.count,
            rows: [
                TriedRow(
                    module: .products, row: #"{"code":"LAMP-1","name":"Lampe","active":true}"#,
                    fields: [TriedField(name: "name", value: #""Lampe""#, rule: .copied, sources: [place])])
            ])
    }
}

public struct TriedRow: Codable, Sendable, Equatable {
    public var module: Module
    /// Exactly what would be sent.
    public var row: String
    public var fields: [TriedField]

    public init(module: Module, row: String, fields: [TriedField]) {
        self.module = module
        self.row = row
        self.fields = fields
    }
}

public struct TriedField: Codable, Sendable, Equatable {
    /// `name`, `price.amount`, `attributes.colour`, …
    public var name: String
    /// As in the row, JSON.
    public var value: String
    public var rule: MappingRule
    public var sources: [SourcePlace]

    public init(name: String, value: String, rule: MappingRule, sources: [SourcePlace]) {
        self.name = name
        self.value = value
        self.rule = rule
        self.sources = sources
    }
}

/// Where in an item's bytes a value stands.
public struct SourcePlace: Codable, Sendable, Equatable {
    /// `ItemName`, `ItemPrices[0].Price`, …
    public var path: String
    /// First byte, counted from the item's first; nil when the item has no such field.
    public var offset: Int?
    /// In bytes, a text's quotes included.
    public var length: Int
    /// What stands there; at most 200 bytes of it.
    public var text: String

    public init(path: String, offset: Int?, length: Int, text: String) {
        self.path = path
        self.offset = offset
        self.length = length
        self.text = text
    }
}

public struct TrialWarning: Codable, Sendable, Equatable {
    /// Catalogue key: `trial_…`.
    public var reason: String
    public var arguments: [String: String]

    public init(reason: String, arguments: [String: String]) {
        self.reason = reason
        self.arguments = arguments
    }
}

public struct SourceField: Codable, Sendable, Equatable {
    public var name: String
    public var kind: FieldKind

    public init(name: String, kind: FieldKind) {
        self.name = name
        self.kind = kind
    }
}
