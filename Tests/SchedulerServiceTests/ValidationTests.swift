import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct ValidationTests {
    @Test(arguments: [
        "https://sap.example.dk", "https://sap.example.dk:50000", "https://localhost:7420/demo-sap",
        "https://a.b-c.dk/x/y.z", "https://10.0.0.5:50000/b1", "https://[::1]:7420/x", "https://xn--bcher-kva.dk",
    ])
    func `a base address of host, port and path is taken as it is`(text: String) throws {
        #expect(try Validation.baseURL(text) == text)
    }

    @Test(arguments: [
        "", "http://sap.example.dk", "HTTPS://sap.example.dk", "https://", "https://:443", "https://sap.example.dk/",
        "https://sap.example.dk/a/", "https://sap.example.dk//a", "https://user@sap.example.dk",
        "https://user:pass@sap.example.dk", "https://sap.example.dk?x=1", "https://sap.example.dk#x",
        "https://sap.example.dk/../x", "https://sap.example.dk/./x", "https://sap.example.dk:0",
        "https://sap.example.dk:70000", "https://sap.example.dk:+80", "https://sap .example.dk",
        "https://sap.example.dk/a b", "https://sap.example.dk\r\nHost: x", "https://-sap.dk", "https://sap..dk",
        "https://sæp.dk", "https://sap.dk/%2e%2e", "ftp://sap.example.dk",
        "https://" + String(repeating: "a", count: 64) + ".dk",
        "https://sap.dk/" + String(repeating: "a", count: 300),
    ])
    func `any other base address is refused`(text: String) {
        #expect(throws: SchedulerFault.invalidBaseURL) { try Validation.baseURL(text) }
    }

    @Test func `names have 1 to 100 characters after white space is cut off`() throws {
        #expect(try Validation.name("  Bøf & Æg 🥚  ") == "Bøf & Æg 🥚")
        #expect(try Validation.name(String(repeating: "å", count: 100)).count == 100)
        for name in ["", "   ", String(repeating: "x", count: 101), "a\nb", "a\u{0}b"] {
            #expect(throws: SchedulerFault.self) { try Validation.name(name) }
        }
    }

    @Test func `reasons have 1 to 200 characters`() throws {
        #expect(try Validation.reason(String(repeating: "x", count: 200)).count == 200)
        for reason in ["", String(repeating: "x", count: 201)] {
            #expect(throws: SchedulerFault.textLength(field: "reason", from: 1, to: 200)) {
                try Validation.reason(reason)
            }
        }
    }

    @Test(arguments: [0, -1, 5_001])
    func `a page size outside 1 to 5000 is refused`(size: Int) {
        let settings = ConnectionSettings(reading: Reading(pageSize: size))
        #expect(throws: SchedulerFault.outOfRange(field: "pageSize", from: 1, to: 5_000)) {
            try Validation.settings(settings)
        }
    }

    @Test(arguments: [1, 5_000])
    func `a page size at the bounds is taken`(size: Int) throws {
        #expect(try Validation.settings(ConnectionSettings(reading: Reading(pageSize: size))).reading.pageSize == size)
    }

    @Test(arguments: [
        ConnectionSettings(modules: []), ConnectionSettings(modules: [.prices, .prices]),
        ConnectionSettings(mapping: Mapping(prices: PriceMapping(priceLists: [:]))),
        ConnectionSettings(mapping: Mapping(prices: PriceMapping(defaultCurrency: "dkk"))),
        ConnectionSettings(mapping: Mapping(stock: StockMapping(warehouses: [:]))),
        ConnectionSettings(mapping: Mapping(products: ProductMapping(name: ""))),
        ConnectionSettings(reading: Reading(filter: "")),
    ])
    func `settings that cannot work are refused`(settings: ConnectionSettings) {
        #expect(throws: SchedulerFault.self) { try Validation.settings(settings) }
    }

    @Test func `a map that its module does not need may be empty`() throws {
        let mapping = Mapping(prices: PriceMapping(priceLists: [:]), stock: StockMapping(warehouses: [:]))
        #expect(
            try Validation.settings(ConnectionSettings(modules: [.products], mapping: mapping)).modules == [.products])
    }
}
