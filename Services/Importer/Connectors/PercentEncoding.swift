/// RFC 3986 percent-encoding of everything but unreserved characters and `$ ' , ( )`, which may stand in a query and
/// are left readable.
func percentEncoded(_ text: String) -> String {
    String(decoding: text.utf8.flatMap { isPlain($0) ? [$0] : percentEncoded([$0]) }, as: UTF8.self)
}

func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return bytes.flatMap { [UInt8(ascii: "%"), digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
}

private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: plainMarks.contains(byte)
    }
}

private let plainMarks = Set("-._~$',()".utf8)
