import CoreTypes
import TestSupport
import Testing

@Suite struct ExactDecimalTests {
    @Test(arguments: [
        ("12.50", "12.5"), ("0.005", "0.005"), ("1e-7", "0.0000001"), ("1E+3", "1000"), ("-0", "0"),
        ("-12.340", "-12.34"),
        ("0.000000", "0"), ("123456789012345678901234.5678", "123456789012345678901234.5678"), ("1.5e1", "15"),
        ("0e99", "0"), ("-0.001e3", "-1"),
    ])
    func `a number keeps its exact value in one canonical form`(text: String, canonical: String) throws {
        let value = try #require(ExactDecimal(text))
        #expect(value.description == canonical)
        #expect(ExactDecimal(canonical) == value)
    }

    @Test(arguments: [
        "", "-", "+1", "01", ".5", "5.", "1e", "1e+", "NaN", "1,5", " 1", "1 ", "0x1", "--1", "1e400", "1e-31",
        "12345678901234567890123456789012345",
    ])
    func `what is not an exact number is refused, never rounded`(text: String) {
        #expect(ExactDecimal(text) == nil)
    }

    @Test func `sums and differences are exact`() throws {
        let a = try #require(ExactDecimal("0.1"))
        let b = try #require(ExactDecimal("0.2"))
        #expect(a.adding(b)?.description == "0.3")
        #expect(b.subtracting(try #require(ExactDecimal("1.205")))?.description == "-1.005")
    }

    @Test func `a sum that does not fit is refused`() throws {
        let large = try #require(ExactDecimal("9e33"))
        #expect(large.adding(large) == nil)
        #expect(large.adding(try #require(ExactDecimal("1e-30"))) == nil)
    }

    @Test func `order follows the number line, also for numbers too far apart to subtract`() throws {
        let texts = ["-9e33", "-2", "-1e-30", "0", "1e-30", "0.005", "1", "9e33"]
        let values = try texts.map { try #require(ExactDecimal($0)) }
        for (left, right) in zip(values, values.dropFirst()) {
            #expect(left < right)
            #expect(!(right < left))
        }
    }
}
