import CoreTypes

/// A query option Service Layer would not take.
struct QueryProblem: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}

/// Reads `SalesItem eq 'tYES' and (startswith(ItemCode,'A') or not Frozen eq 'tYES')`.
struct ItemFilterParser {
    private enum Token: Equatable {
        case word(String)
        case text(String)
        case open, close, comma, end
    }

    private var tokens: [Token]
    private var position = 0
    private let ignoringCase: Bool

    static func parse(_ text: String, ignoringCase: Bool = false) throws -> ItemFilter {
        var parser = ItemFilterParser(tokens: try tokens(text), ignoringCase: ignoringCase)
        let filter = try parser.readOr()
        guard parser.next() == .end else { throw QueryProblem("Invalid $filter: '\(text)' goes on after its end.") }
        return filter
    }

    private init(tokens: [Token], ignoringCase: Bool) {
        self.tokens = tokens
        self.ignoringCase = ignoringCase
    }

    private static func tokens(_ text: String) throws -> [Token] {
        var tokens: [Token] = []
        var rest = text[...]
        while let character = rest.first {
            switch character {
            case " ", "\t": rest.removeFirst()
            case "(": tokens.append(.open); rest.removeFirst()
            case ")": tokens.append(.close); rest.removeFirst()
            case ",": tokens.append(.comma); rest.removeFirst()
            case "'": tokens.append(.text(try readQuoted(&rest)))
            default:
                let word = rest.prefix { !" \t(),'".contains($0) }
                rest = rest[word.endIndex...]
                tokens.append(.word(String(word)))
            }
        }
        return tokens + [.end]
    }

    /// A quote inside is written twice.
    private static func readQuoted(_ rest: inout Substring) throws -> String {
        var text = ""
        rest.removeFirst()
        while let character = rest.popFirst() {
            if character != "'" { text.append(character); continue }
            guard rest.first == "'" else { return text }
            rest.removeFirst()
            text.append("'")
        }
        throw QueryProblem("Invalid $filter: a quotation does not end.")
    }

    private func peek() -> Token { tokens[position] }

    private mutating func next() -> Token {
        defer { position = min(position + 1, tokens.count - 1) }
        return tokens[position]
    }

    private mutating func readOr() throws -> ItemFilter {
        var left = try readAnd()
        while peek() == .word("or") {
            _ = next()
            left = .or(left, try readAnd())
        }
        return left
    }

    private mutating func readAnd() throws -> ItemFilter {
        var left = try readNot()
        while peek() == .word("and") {
            _ = next()
            left = .and(left, try readNot())
        }
        return left
    }

    private mutating func readNot() throws -> ItemFilter {
        guard peek() == .word("not") else { return try readTerm() }
        _ = next()
        return .not(try readNot())
    }

    private mutating func readTerm() throws -> ItemFilter {
        switch next() {
        case .open:
            let inner = try readOr()
            guard next() == .close else { throw QueryProblem("Invalid $filter: a bracket is missing.") }
            return inner
        case .word(let word):
            if peek() == .open { return try readTest(word) }
            return try readComparison(try field(word))
        default: throw QueryProblem("Invalid $filter: a property name is missing.")
        }
    }

    private mutating func readTest(_ name: String) throws -> ItemFilter {
        guard name == "substringof" || ItemFilter.TextTest(rawValue: name) != nil else {
            throw QueryProblem("Invalid $filter: unknown function '\(name)'.")
        }
        _ = next()
        let first = next()
        guard next() == .comma else { throw QueryProblem("Invalid $filter: \(name) takes two arguments.") }
        let second = next()
        guard next() == .close else { throw QueryProblem("Invalid $filter: \(name) takes two arguments.") }
        // substringof is the older spelling of contains, with its arguments the other way round.
        let (subject, part) = name == "substringof" ? (second, first) : (first, second)
        guard case .word(let property) = subject, case .text(let text) = part else {
            throw QueryProblem("Invalid $filter: \(name) takes a property and a text.")
        }
        let field = try field(property)
        guard field.kind == .text else { throw QueryProblem("Invalid $filter: '\(property)' is not a text.") }
        return .test(ItemFilter.TextTest(rawValue: name) ?? .contains, field, text)
    }

    private mutating func readComparison(_ field: ItemField) throws -> ItemFilter {
        guard case .word(let word) = next(), let comparison = ItemFilter.Comparison(rawValue: word) else {
            throw QueryProblem("Invalid $filter: a comparison is missing after '\(field.rawValue)'.")
        }
        let token = next()
        if token == .word("null") {
            guard comparison == .eq || comparison == .ne else {
                throw QueryProblem("Invalid $filter: null has no order.")
            }
            return .isNull(field, comparison == .eq)
        }
        return try Self.compare(field, comparison, try literal(token))
    }

    /// The text between the quotes, or the bare word; `datetime'…'` gives what is quoted.
    private mutating func literal(_ token: Token) throws -> String {
        switch token {
        case .text(let text): return text
        case .word(let word):
            if word == "datetime", case .text(let text) = peek() {
                _ = next()
                return text
            }
            return word
        default: throw QueryProblem("Invalid $filter: a value is missing.")
        }
    }

    private static func compare(_ field: ItemField, _ comparison: ItemFilter.Comparison, _ literal: String) throws
        -> ItemFilter
    {
        if field.kind == .text { return .text(field, comparison, literal) }
        let value: Int64? =
            switch field.kind {
            case .flag: ["tYES": 1, "Y": 1, "tNO": 0, "N": 0][literal]
            case .date: day(literal)
            case .time: minute(literal)
            default: thousandths(literal)
            }
        guard let value else {
            throw QueryProblem("Invalid $filter: '\(literal)' is no value of '\(field.rawValue)'.")
        }
        return .number(field, comparison, value)
    }

    /// `2014-04-23`, `20140423`, `2014-04-23T00:00:00Z`; the time part is ignored.
    private static func day(_ text: String) -> Int64? {
        var digits = String(text.prefix { $0 != "T" && $0 != " " })
        if digits.utf8.count == 8, digits.allSatisfy(\.isNumber) {
            digits = "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))"
        }
        return CalendarDay(digits).map { Int64($0.daysSince1970) }
    }

    /// `18:38:00`, `18:38`, `1838`; seconds are ignored.
    private static func minute(_ text: String) -> Int64? {
        let digits = text.filter { $0 != ":" }
        guard digits.count == 4 || digits.count == 6, let hour = Int64(digits.prefix(2)),
            let minute = Int64(digits.dropFirst(2).prefix(2)), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private func field(_ name: String) throws -> ItemField {
        let found = ItemField.allCases.first { field in
            ignoringCase ? field.rawValue.lowercased() == name.lowercased() : field.rawValue == name
        }
        guard let found else { throw QueryProblem("Property '\(name)' of 'Item' is invalid.") }
        return found
    }
}
