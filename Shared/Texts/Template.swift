import CoreTypes

/// What the places of a sentence are filled with.
struct Filling {
    var arguments: [String: String] = [:]
    var language: Language
    var zone: LocalZone = .utc
}

/// A sentence with places for arguments.
struct Template: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case text(String)
        case argument(String)
        case number(String)
        case time(String)
        case word(String)
        case choice(String, one: String, many: String)
    }

    let pieces: [Piece]

    /// - Returns: nil for a brace that is not closed, not opened, or holds no place.
    init?(_ text: String) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let before = rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}"), !before.contains("}"),
                let piece = Self.place(rest[rest.index(after: open)..<close])
            else { return nil }
            if !before.isEmpty { pieces.append(.text(String(before))) }
            pieces.append(piece)
            rest = rest[rest.index(after: close)...]
        }
        guard !rest.contains("}") else { return nil }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    private static func place(_ text: Substring) -> Piece? {
        if let mark = text.firstIndex(of: "?") {
            let words = text[text.index(after: mark)...].split(separator: "|", omittingEmptySubsequences: false)
            guard words.count == 2, isName(text[..<mark]) else { return nil }
            return .choice(String(text[..<mark]), one: String(words[0]), many: String(words[1]))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, isName(name) else { return nil }
        switch parts.count == 2 ? parts[1] : "" {
        case "number": return .number(String(name))
        case "time": return .time(String(name))
        case "word": return WordGroup(rawValue: String(name)).map { _ in .word(String(name)) }
        case "": return parts.count == 1 ? .argument(String(name)) : nil
        default: return nil
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) }
    }

    /// The names of all places.
    var names: Set<String> {
        Set(
            pieces.compactMap { piece in
                switch piece {
                case .text: nil
                case .argument(let name), .number(let name), .time(let name), .word(let name), .choice(let name, _, _):
                    name
                }
            })
    }

    func filled(_ filling: Filling) -> String {
        pieces.map { filled($0, filling) }.joined()
    }

    private func filled(_ piece: Piece, _ filling: Filling) -> String {
        switch piece {
        case .text(let text): text
        case .argument(let name): value(name, filling) { _ in nil }
        case .number(let name): value(name, filling) { Int($0).map { Texts.number($0, filling.language) } }
        case .time(let name):
            value(name, filling) { text in
                Instant(rfc3339: text).map { Texts.time($0, filling.language, in: filling.zone) }
            }
        case .word(let name):
            value(name, filling) { value in
                WordGroup(rawValue: name).map { Texts.word($0, value, filling.language) }
            }
        case .choice(let name, let one, let many): filling.arguments[name] == "1" ? one : many
        }
    }

    private func value(_ name: String, _ filling: Filling, _ shown: (String) -> String?) -> String {
        guard let argument = filling.arguments[name] else { return Self.unknown(filling.language) }
        return shown(argument) ?? Self.harmless(argument)
    }

    private static func unknown(_ language: Language) -> String {
        language == .danish ? "ukendt" : "unknown"
    }

    /// What another system said, fit for one line: no control or direction characters, at most 300 characters.
    static func harmless(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { isHarmful($0) ? " " : $0 }
        var result = String(String.UnicodeScalarView(scalars))
        if result.count > 300 { result = result.prefix(299) + "…" }
        return result
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
