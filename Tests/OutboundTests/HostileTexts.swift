import Outbound

/// Texts put together from what has broken mail programs before.
struct HostileTexts {
    private var random: Seeded

    init(seed: UInt64) { random = Seeded(state: seed) }

    private static let pieces = [
        "Importen", " ", "  ", "\t", ".", "..", "=", "=20", "=?UTF-8?Q?x?=", "=?", "?=", "\"", "\\", "<", ">", "(", ")",
        ",",
        ";", ":", "@", "æøå", "ÆØÅ", "ß", "שלום", "مرحبا", "\u{202E}abc", "\u{200F}", "👩‍👩‍👧‍👦", "🇩🇰",
        "e\u{301}\u{302}\u{303}",
        "漢字かな", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{10FFFF}", "From ", "Bcc: evil@example.com",
        "RCPT TO:<evil@example.com>", "--=_sluice_alternative", "--=_sluice_alternative--", "_", "QUIT",
        "Content-Type: x",
        "$(id)", "%0d%0a", "a@b", "1", "x", "y", "z",
    ]
    private static let lineEnds = [
        "\r\n", "\n", "\r", "\r\n.\r\n", "\n.\n", "\r.\r", "\n.\r\n", "\r\n\r\n", "\u{0}", "\u{85}", "\u{B}", "\u{C}",
        "\r\nBcc: evil@example.com\r\n", "\r\n.\r\nRCPT TO:<evil@example.com>\r\n", " \n", "\t\r\n", "\n\r",
    ]

    mutating func text(lines: Bool) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let pool = lines && Bool.random(using: &random) ? Self.lineEnds : Self.pieces
            text += pool.randomElement(using: &random) ?? ""
        }
        if lines, Int.random(in: 0..<40, using: &random) == 0 {
            text += String(repeating: Bool.random(using: &random) ? "å" : ".", count: 10_000)
        }
        return text
    }

    /// The first of its tries that is taken for an address, and how many were not.
    mutating func address() -> (MailAddress, refused: Int) {
        var refused = 0
        while true {
            var text = text(lines: Int.random(in: 0..<3, using: &random) == 0)
            if Bool.random(using: &random) { text = "\"\(text)\"" }
            if let address = try? MailAddress(text + "@example.com") { return (address, refused) }
            refused += 1
        }
    }
}

extension MailAddress {
    /// The local part as a reader understands it, without quotes and backslashes.
    var content: String {
        guard localPart.hasPrefix("\"") else { return localPart }
        var content = ""
        var isEscaped = false
        for character in localPart.dropFirst().dropLast() {
            if character == "\\" && !isEscaped {
                isEscaped = true
            } else {
                content.append(character)
                isEscaped = false
            }
        }
        return content
    }
}
