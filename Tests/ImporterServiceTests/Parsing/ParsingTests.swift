import Connectors
import CoreTypes
import JSON
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// What a source may write: each kind of nonsense ends the run with its words, and numbers arrive as they were written.
///
/// Endless pages, repeated pages, huge pages, gzip bombs and dripping answers: ``PoisonTests``.
@Suite struct ParsingTests {
    struct Nonsense: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let words: String
        let change: @Sendable (inout [UInt8]) -> Void

        init(_ name: String, _ words: String, _ change: @escaping @Sendable (inout [UInt8]) -> Void) {
            (testDescription, self.words, self.change) = (name, words, change)
        }
    }

    private static let pages = [
        Nonsense("invalid UTF-8 in a text", "not UTF-8") {
            $0.replaceFirst(#""ItemName":""#, with: Array(#""ItemName":""#.utf8) + [0xE6, 0x41])
        },
        Nonsense("a letter of ISO 8859-1", "not UTF-8") {
            $0.replaceFirst(#""ItemName":""#, with: Array(#""ItemName":""#.utf8) + [0xF8, 0x6C])
        },
        Nonsense("half of a surrogate pair", "half of a surrogate pair") {
            $0.replaceFirst(#""ItemName":""#, with: #""ItemName":"\ud83d"#)
        },
        Nonsense("a control character in a text", "a control character or an unknown escape in a string") {
            $0.replaceFirst(#""ItemName":""#, with: "\"ItemName\":\"\u{1}")
        },
        Nonsense("the list of items twice", "a member occurs twice") {
            $0.replaceFirst(#"{"@odata.context""#, with: #"{"value":[],"@odata.context""#)
        },
        Nonsense("the link to the next page twice", "a member occurs twice") {
            $0.replaceFirst(#"{"@odata.context""#, with: #"{"@odata.nextLink":"","@odata.nextLink":"","c""#)
        },
        Nonsense("a nesting bomb in an item", "nested too deeply") {
            $0.replaceFirst(#""ItemName":"#, with: #""X":"# + String(repeating: "[", count: 100_000) + #","ItemName":"#)
        },
        Nonsense("a nesting bomb beside the items", "nested too deeply") {
            $0.replaceFirst(#"{"@odata.context""#, with: #"{"x":"# + String(repeating: #"{"a":"#, count: 100_000))
        },
        Nonsense("a number no JSON has", "not a number in JSON's grammar") {
            $0.replaceFirst(#""Price":"#, with: #""Price":0"#)
        },
        Nonsense("a comma for the decimal point", "not JSON") {
            $0.replaceFirst(#""Price":"#, with: #""Price":1,5,"#)
        },
        Nonsense("a second document behind the first", "bytes after the end of the document") {
            $0 += Array(#"{"value":[]}"#.utf8)
        },
        Nonsense("an error page with status 200", "not JSON") { $0 = Array("<html>Service unavailable</html>".utf8) },
        Nonsense("no list of items", "the list of items is missing") {
            $0.replaceFirst(#""value":["#, with: #""values":["#)
        },
    ]

    // One installation for all cases of a test: starting one costs more than a run.

    @Test func `a page that is not what it should be ends the run in words, and nothing of it is kept`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            for (index, nonsense) in Self.pages.enumerated() {
                let sender = PageMeddler(fixture.configuration) { url, bytes in
                    if url.isPage { nonsense.change(&bytes) }
                }
                let importer = try await fixture.importer(sending: sender) { $0.retries.attempts = 2 }
                let report = try #require(try await fixture.run(token: Int64(index + 1), with: importer))
                #expect(report.outcome == .failed, "\(nonsense)")
                #expect(report.failure == .answer, "\(nonsense)")
                #expect(report.faultyPage == 1, "\(nonsense)")
                let detail = report.arguments["detail"] ?? ""
                #expect(detail.hasPrefix("the page cannot be read: \(nonsense.words) at byte "), "\(detail)")
                #expect(try fixture.stagingFiles().isEmpty)
            }
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    private static let rows = [
        Nonsense("the item's number twice", "item_field_twice") {
            $0.replaceFirst(#""ItemName":"#, with: #""ItemCode":"OTHER","ItemName":"#)
        },
        Nonsense("the item's name twice", "item_field_twice") {
            $0.replaceFirst(#""ItemName":"#, with: #""ItemName":"Other","ItemName":"#)
        },
        Nonsense("a price twice", "item_field_twice") { $0.replaceFirst(#""Price":"#, with: #""Price":1,"Price":"#) },
        Nonsense("the name in escapes, and again", "item_field_twice") {
            $0.replaceFirst(#""ItemName":"#, with: #""\u0049temName":"Other","ItemName":"#)
        },
        Nonsense("a price of 35 digits", "item_number_too_long") {
            $0.replaceFirst(#""Price":"#, with: #""Price":12345678901234567890123456789012345,"Was":"#)
        },
        Nonsense("a price beyond all numbers", "item_number_too_long") {
            $0.replaceFirst(#""Price":"#, with: #""Price":1e400,"Was":"#)
        },
        Nonsense("a price in words", "item_price_not_a_number") {
            $0.replaceFirst(#""Price":"#, with: #""Price":"on request","Was":"#)
        },
        Nonsense("a name that is a list", "item_field_not_a_value") {
            $0.replaceFirst(#""ItemName":"#, with: #""ItemName":["x"],"Was":"#)
        },
        Nonsense("an item without a number", "item_key_missing") {
            $0.replaceFirst(#""ItemCode":"#, with: #""Was":"#)
        },
        Nonsense("an item that is no object", "item_not_an_object") {
            $0.replaceFirst(#""value":["#, with: #""value":[17,"#)
        },
    ]

    @Test func `a row that cannot be read is listed, counts as missing and stops the run`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            #expect(try await fixture.run(token: 1)?.outcome == .published)
            let before = try await fixture.shop().datasets
            for (index, nonsense) in Self.rows.enumerated() {
                let sender = PageMeddler(fixture.configuration) { url, bytes in
                    // The first page only, and only where whole items are read.
                    if url.isPage, url.contains("ItemPrices"), !url.contains("$skip=") { nonsense.change(&bytes) }
                }
                let importer = try await fixture.importer(sending: sender)
                let report = try #require(try await fixture.run(token: Int64(index + 2), with: importer))
                #expect(!report.outcome.isSuccess, "\(nonsense)")
                #expect(report.verdict == .incomplete, "\(nonsense)")
                #expect(report.unreadable.map(\.reason) == [nonsense.words], "\(nonsense)")
                #expect(report.unreadable.first?.page == 1)
                #expect(report.unreadable.first?.position == 1)
                // What could not be read is missing, by name where the shop has it; a row that is no item replaces none.
                #expect(report.missingCount == (nonsense.words == "item_not_an_object" ? 0 : 1), "\(nonsense)")
                #expect(try await fixture.shop().datasets == before)
            }
        }
    }

    @Test func `numbers beyond 2^53 are exact from wire to wire`() async throws {
        let numbers = [
            ("9007199254740993", "9007199254740993"), ("9007199254740993.01", "9007199254740993.01"),
            ("0.100000000000000005551115123125", "0.100000000000000005551115123125"),
            ("123456789012345678901234567890.1234", "123456789012345678901234567890.1234"), ("1e-7", "0.0000001"),
            ("-0.00", "0"), ("18446744073709551617", "18446744073709551617"),
        ]
        try await ImportFixture.with(items: 40) { fixture in
            let code = try await fixture.oneSellableCode()
            _ = try await fixture.sandbox.call(
                EditItems(system: "sap", codes: [code], price: "77125.125", stock: "88061.062"))
            var settings = ConnectionSettings.small
            settings.mapping.stock = StockMapping(warehouses: ["01": "main"], subtractReserved: false)
            for (index, (written, expected)) in numbers.enumerated() {
                let sender = PageMeddler(fixture.configuration) { url, bytes in
                    guard url.isPage else { return }
                    bytes.replaceFirst("77125.125", with: written)
                    bytes.replaceFirst("88061.062", with: written)
                }
                let importer = try await fixture.importer(sending: sender)
                let report = try await fixture.run(token: Int64(index + 1), settings: settings, with: importer)
                #expect(report?.outcome == .published, "\(written)")
                func live(_ dataset: String) async throws -> String {
                    try await fixture.sandbox.call(
                        ListShopRows(system: "shop", dataset: dataset, startingWith: code)
                    ).rows.joined()
                }
                #expect(try await live("prices").contains(#""amount":"\#(expected)""#), "\(written)")
                #expect(try await live("stock").contains(#""on_hand":"\#(expected)""#), "\(written)")
                #expect(try await live("stock").contains(#""available":"\#(expected)""#), "\(written)")
            }
        }
    }
}
