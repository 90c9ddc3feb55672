import ArgumentParser
import CoreTypes
import JSON
import ImporterAPI
import NotifierAPI
import SchedulerAPI
import Testing

@testable import SupportCommandLine

@Suite struct OutputTests {
    @Test func `columns line up, also with wide and combined characters`() {
        var table = Table("name", "count")
        table.add("Æblegrød", "1")
        table.add("🎁 gave", "20")
        table.add("e\u{301}t", "300")
        let lines = table.lines()
        #expect(lines[0] == "NAME      COUNT")
        #expect(lines[1] == "Æblegrød  1")
        #expect(lines[2] == "🎁 gave   20")
        #expect(lines[3] == "e\u{301}t        300")
    }

    @Test func `what a system answered cannot drive the terminal`() {
        var table = Table("detail")
        table.add("\u{1B}[2Jgone\nsecond line\u{9B}1m")
        let scalars = table.lines().joined().unicodeScalars
        #expect(!scalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    @Test(arguments: [
        (Duration.milliseconds(40), "0.0 s"), (.milliseconds(1_940), "1.9 s"), (.seconds(59), "59 s"),
        (.seconds(200), "3 min 20 s"),
    ])
    func `a duration is short and readable`(duration: Duration, text: String) {
        #expect(duration.short == text)
    }

    @Test func `options are name and value`() throws {
        #expect(try pairs(["a=1", "b=x=y", "c="]) == ["a": "1", "b": "x=y", "c": ""])
        #expect(throws: (any Error).self) { try pairs(["novalue"]) }
        #expect(throws: (any Error).self) { try pairs(["=x"]) }
    }
}

@Suite struct ArgumentTests {
    @Test(arguments: [
        ["run", "start", "Demo"], ["switch", "off", "--reason", "x"],
        ["switch", "off", "--merchant", "a", "--connection", "b", "--reason", "x"],
        [
            "connection", "create", "--merchant", "a", "--source", "b", "--target", "c", "--manual", "--cron",
            "* * * * *",
        ],
        ["run", "list", "--timeout", "0"], ["monitoring", "on", "Demo"],
    ])
    func `a change without a reason, or with two that contradict, is refused before anything is called`(
        arguments: [String]
    ) {
        #expect(throws: (any Error).self) { try SluiceCommand.parseAsRoot(arguments) }
    }

    @Test(arguments: [
        ["run", "start", "Demo", "--reason", "x", "--module", "prices", "--json"],
        ["switch", "off", "--merchant", "a", "--module", "stock", "--reason", "x"],
        ["call", "scheduler.listMerchants", "{}", "--deadline", "3"], ["health", "--service", "monitor"],
    ])
    func `what the help shows is accepted`(arguments: [String]) throws {
        _ = try SluiceCommand.parseAsRoot(arguments)
    }

    @Test func `a recipient names its language, Danish if none`() throws {
        #expect(try RecipientCommand.choice("a@b.dk:en").language == .english)
        #expect(try RecipientCommand.choice("a@b.dk").language == .danish)
        #expect(throws: (any Error).self) { try RecipientCommand.choice("a@b.dk:fr") }
    }
}

@Suite struct TrialLinesTests {
    private let texts = TextLookup(language: .english)

    private func answer(_ item: TriedItem) -> TryMapping.Response {
        TryMapping.Response(
            steps: [], items: [item],
            warnings: [
                TrialWarning(
                    reason: "trial_price_list_not_in_items", arguments: ["priceList": "9", "found": "1, 2"])
            ])
    }

    @Test func `source and result stand side by side, and what finds nothing is named with what there is`() {
        let amount = TriedField(
            name: "price.amount", value: #""12.5""#, rule: .copied,
            sources: [SourcePlace(path: "ItemPrices[0].Price", offset: 120, length: 5, text: "12.50")])
        let fixed = TriedField(name: "min_quantity", value: #""1""#, rule: .fixed, sources: [])
        let item = TriedItem(
            key: "A", unreadable: nil, source: "{}", sourceLength: 400,
            rows: [TriedRow(module: .prices, row: "{}", fields: [amount, fixed])])
        let lines = TrialLines(answer(item), texts, source: "Our SAP", isWhole: false).all
        let row = lines.first { $0.contains("ItemPrices[0].Price") } ?? ""
        for part in ["120–125", "12.50", "copied", "price.amount", #""12.5""#] { #expect(row.contains(part)) }
        #expect(lines.contains { $0.contains("price list 9") && $0.contains("1, 2") })
    }

    @Test func `an item that cannot be read says why in words`() {
        let item = TriedItem(
            key: "A", unreadable: "item_price_not_a_number", source: "\u{1B}[2J", sourceLength: 4, rows: [])
        let lines = TrialLines(answer(item), texts, source: "Our SAP", isWhole: true).all
        #expect(lines.contains { $0.contains(texts.title("item_price_not_a_number")) })
        #expect(!lines.joined().unicodeScalars.contains("\u{1B}"))
    }

    @Test func `a changed field of the source is told in a sentence`() {
        let change = SourceFieldChange(
            field: "ItemName", change: .retyped, was: .text, now: .object, isMapped: true)
        #expect(texts.sentence(change).contains("ItemName"))
        #expect(texts.sentence(change).contains("text"))
    }

    @Test func `fields are chosen one by one, and none leaves one out`() throws {
        func settings(_ arguments: [String]) throws -> ConnectionSettings {
            try SettingsOptions.parse(arguments).applied(to: ConnectionSettings())
        }
        let changed = try settings([
            "--field", "barcode=CodeBars", "--field", "unit=none", "--attribute", "colour=U_Colour",
            "--subtract-reserved", "false", "--filter", "Valid eq 'tYES'",
        ])
        #expect(changed.mapping.products.barcode == "CodeBars")
        #expect(changed.mapping.products.unit == nil)
        #expect(changed.mapping.products.attributes == ["colour": "U_Colour"])
        #expect(!changed.mapping.stock.subtractReserved)
        #expect(changed.reading.filter == "Valid eq 'tYES'")
        // How pages are asked for is the scheduler's to say where nobody does.
        #expect(changed.reading.paging == nil)
        #expect(try settings(["--paging", "offset"]).reading.paging == .offset)
        #expect(throws: (any Error).self) { try settings(["--field", "colour=U_Colour"]) }
        #expect(throws: (any Error).self) { try settings(["--field", "name=none"]) }
    }
}
