import Outbound
import Testing

@Suite(.timeLimit(.minutes(2))) struct MailAddressTests {
    @Test(arguments: [
        ("anna@example.com", "anna@example.com"), ("Anna.Holm+erp@Example.COM", "Anna.Holm+erp@example.com"),
        ("!#$%&'*+-/?=^_`{|}~@example.com", "!#$%&'*+-/?=^_`{|}~@example.com"),
        (#""anna holm"@example.com"#, #""anna holm"@example.com"#),
        (#""a\"b\\c@d"@example.com"#, #""a\"b\\c@d"@example.com"#), (#""an\na"@example.com"#, "anna@example.com"),
        (#""a\ b"@example.com"#, #""a b"@example.com"#),
        ("anna@mælk.dk", "anna@xn--mlk-yla.dk"), ("a@Straße.de", "a@xn--strae-oqa.de"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"), ("a@xn--mlk-yla.dk", "a@xn--mlk-yla.dk"),
        ("a@правда.рф", "a@xn--80aafi6cg.xn--p1ai"),
        ("a@æøåéüößñçπ漢字.example", "a@xn--zcalcgi3c7an2b220di14yiwxb.example"), ("root@localhost", "root@localhost"),
        ("a@1.example", "a@1.example"), ("a@a-b.example", "a@a-b.example"),
        (String(repeating: "a", count: 64) + "@example.com", String(repeating: "a", count: 64) + "@example.com"),
    ])
    func `a good address is kept, its domain in its wire form`(text: String, wire: String) throws {
        #expect(try MailAddress(text).description == wire)
    }

    @Test(
        arguments: [
            ("", .empty), ("anna", .noAt), ("@example.com", .localPart), ("anna@", .domain), ("anna@gmail", .domain),
            (".anna@example.com", .localPart), ("anna.@example.com", .localPart), ("an..na@example.com", .localPart),
            ("anna holm@example.com", .localPart), ("<anna@example.com>", .localPart),
            ("Anna <anna@example.com>", .localPart),
            ("anna@example.com>", .domain), ("a,b@example.com", .localPart), ("a@b@example.com", .localPart),
            ("a@example.com,b@example.com", .localPart), ("a(b)@example.com", .localPart),
            (#""a"b"@example.com"#, .localPart),
            (#""a\"@example.com"#, .localPart), (#""@example.com"#, .localPart), (#""""@example.com"#, .localPart),
            (#""=?UTF-8?Q?x?="@example.com"#, .localPart), ("=?UTF-8?Q?x?=@example.com", .localPart),
            ("ånna@example.com", .nonASCIILocalPart), ("anna@[127.0.0.1]", .domain), ("anna@127.0.0.1", .domain),
            ("anna@-a.example", .domain), ("anna@a-.example", .domain), ("anna@a..example", .domain),
            ("anna@.example", .domain),
            ("anna@example.com.", .domain), ("anna@exa mple.com", .domain), ("anna@exa_mple.com", .domain),
            ("anna@ﬁ.example", .domain),
            ("anna@a\u{301}.example", .domain), ("anna@☃.example", .domain), ("anna@a\u{200D}b.example", .domain),
            ("anna@xn--æ.example", .domain), ("a\r\nb@example.com", .controlCharacter),
            ("anna@example.com\n", .controlCharacter),
            ("b@x>\r\nRCPT TO:<evil@example.com", .controlCharacter), ("a\u{0}@example.com", .controlCharacter),
            ("a\u{7F}@example.com", .controlCharacter), ("a\u{85}@example.com", .nonASCIILocalPart),
            (String(repeating: "a", count: 65) + "@example.com", .tooLong),
            ("a@" + String(repeating: "a", count: 64) + ".example", .domain),
            ("a@" + String(repeating: String(repeating: "a", count: 60) + ".", count: 4) + "exampless", .tooLong),
        ] as [(String, MailAddressError)])
    func `anything else is refused with its reason`(text: String, reason: MailAddressError) {
        #expect(throws: reason) { try MailAddress(text) }
    }
}
