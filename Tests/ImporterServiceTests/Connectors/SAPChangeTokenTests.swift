import JSON
import Testing

@testable import Connectors

@Suite struct SAPChangeTokenTests {
    /// Items edited last, the newest first and of one second the highest key first, as Service Layer gives them.
    private func edited(_ items: [(key: String, time: String)]) -> [JSONValue] {
        items.map { item in
            .object([
                ("ItemCode", .string(item.key)), ("UpdateDate", .string("2026-03-02T00:00:00Z")),
                ("UpdateTime", .string(item.time)),
            ])
        }
    }

    private func token(_ items: [(key: String, time: String)]) -> String? {
        SAPChangeToken(edited: edited(items), created: [])?.text
    }

    @Test func `another item edited within the same second shows, whatever its key`() {
        let before = token([("M5", "06:00:05"), ("Z9", "05:59:59")])
        #expect(before != nil)
        #expect(token([("T7", "06:00:05"), ("M5", "06:00:05"), ("Z9", "05:59:59")]) != before)
        #expect(token([("M5", "06:00:05"), ("A1", "06:00:05"), ("Z9", "05:59:59")]) != before)
    }

    @Test func `what stays as it is gives the same text, also when older rows move`() {
        let before = token([("M5", "06:00:05"), ("A1", "06:00:05"), ("Z9", "05:59:59")])
        #expect(token([("M5", "06:00:05"), ("A1", "06:00:05"), ("B2", "05:00:00")]) == before)
    }

    @Test func `a source that keeps no dates has no token`() {
        #expect(SAPChangeToken(edited: [], created: []) == nil)
        #expect(SAPChangeToken(edited: [.object([("ItemCode", .string("A"))])], created: []) == nil)
    }
}
