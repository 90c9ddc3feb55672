import JSON
import Testing

@testable import Connectors

@Suite struct CountTests {
    @Test(arguments: [
        "9223372036854775807", "-9223372036854775808", "5000000000000000000", "1000000000001", "1.5", "1e3",
    ])
    func `a count that no system can have is no count`(text: String) throws {
        #expect(try JSON.decode(JSONValue.self, from: text).whole == nil)
        #expect(try JSON.decode(JSONValue.self, from: "\"\(text)\"").whole == nil)
    }

    @Test(arguments: ["0", "-3", "1000000000000"])
    func `any other whole number is read as a number and as a text`(text: String) throws {
        #expect(try JSON.decode(JSONValue.self, from: text).whole == Int(text))
        #expect(try JSON.decode(JSONValue.self, from: "\"\(text)\"").whole == Int(text))
    }
}
