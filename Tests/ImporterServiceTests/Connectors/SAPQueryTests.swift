import Testing

@testable import Connectors

@Suite struct SAPQueryTests {
    @Test(arguments: [
        ("A1", "'A1'"), ("O'Neill", "'O''Neill'"), ("''", "''''''"), ("Ærø/12#5%", "'Ærø/12#5%'"),
    ])
    func `quotes of a literal are doubled`(text: String, literal: String) {
        #expect(SAPQuery.literal(text) == literal)
    }

    @Test func `a query is percent-encoded so that no item code can change it`() {
        let query = SAPQuery("Items").with("$filter", "ItemCode gt \(SAPQuery.literal("O'N/1#2&3+4%5æ"))")
        #expect(query.encoded == "Items?$filter=ItemCode%20gt%20'O''N%2F1%232%263%2B4%255%C3%A6'")
    }

    @Test func `a filter with an or stays together when a condition is added`() {
        #expect(
            SAPQuery.both("Valid eq 'tYES' or U_Web eq 'Y'", "ItemCode gt 'A'")
                == "(Valid eq 'tYES' or U_Web eq 'Y') and ItemCode gt 'A'")
        #expect(SAPQuery.both(nil, "ItemCode gt 'A'") == "ItemCode gt 'A'")
    }

    @Test func `errors of both dialects are read`() throws {
        let first = try #require(
            SAPError(Array(#"{"error":{"code":-10,"message":{"lang":"en-us","value":"already exists"}}}"#.utf8)))
        #expect(first == SAPError(code: "-10", message: "already exists"))
        let second = try #require(SAPError(Array(#"{"error":{"code":"301","message":"Invalid session"}}"#.utf8)))
        #expect(second == SAPError(code: "301", message: "Invalid session"))
        #expect(SAPError(Array("<html>".utf8)) == nil)
        #expect(SAPError(Array("{}".utf8)) == nil)
    }
}
