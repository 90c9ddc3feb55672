/// Checks a whole text against RFC 8259 and lays its values on a tape, in one pass.
///
/// This file and `Bytes.swift` are the only ones that read foreign bytes through bare pointers. Every read is guarded by
/// `position < count`; a text longer than `Scanner.bytesMax` is refused first, so positions fit 32 bits and wrapping
/// arithmetic cannot wrap.
///
/// Stricter than the RFC asks: member names are unique (compared after unescaping), surrogates come in pairs, at most
/// 64 containers are open at once, no byte order mark.
struct Scanner {
    static let depthMax = 64
    static let bytesMax = 1 << 30

    let base: UnsafePointer<UInt8>
    let count: Int
    var position = 0
    var tape: Tape
    private(set) var open = UInt32.max
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer, tape: Tape) {
        base = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
        count = bytes.count
        self.tape = tape
    }

    mutating func scan() throws(ScanFault) {
        skipWhitespace()
        repeat {
            try scanValue()
            try endContainers()
        } while depth > 0
        skipWhitespace()
        guard position == count else { throw fault(.trailingBytes) }
    }

    /// The byte here, 0 at the end: no structural byte is 0.
    @inline(__always) private var here: UInt8 { position < count ? base[position] : 0 }

    func fault(_ problem: ScanProblem) -> ScanFault { ScanFault(problem: problem, offset: position) }

    @inline(__always)
    private mutating func skipWhitespace() {
        while position < count {
            let byte = base[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position &+= 1
        }
    }

    /// Scans a scalar, or opens containers down to the first scalar or empty container.
    private mutating func scanValue() throws(ScanFault) {
        while true {
            switch here {
            case UInt8(ascii: "\""):
                try appendString()
                return
            case UInt8(ascii: "{"):
                try begin(.object)
                if here == UInt8(ascii: "}") { return }
                try scanName()
            case UInt8(ascii: "["):
                try begin(.array)
                if here == UInt8(ascii: "]") { return }
                countElement()
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                try appendNumber()
                return
            case UInt8(ascii: "t"): return try appendWord("true", .true)
            case UInt8(ascii: "f"): return try appendWord("false", .false)
            case UInt8(ascii: "n"): return try appendWord("null", .null)
            default: throw fault(.noValue)
            }
        }
    }

    /// After a value: closes what ends here and stops where the next value begins.
    private mutating func endContainers() throws(ScanFault) {
        while depth > 0 {
            skipWhitespace()
            let isObject = tape.entries[Int(open)].kind == .object
            switch here {
            case UInt8(ascii: ","):
                position &+= 1
                skipWhitespace()
                if isObject { try scanName() } else { countElement() }
                return
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                position &+= 1
                try close()
            default: throw fault(.noSeparator)
            }
        }
    }

    private mutating func begin(_ kind: JSONKind) throws(ScanFault) {
        guard depth < Self.depthMax else { throw fault(.tooDeep) }
        depth &+= 1
        open = tape.append(
            TapeEntry(start: UInt32(truncatingIfNeeded: position), end: 0, next: open, info: UInt32(kind.rawValue)))
        position &+= 1
        skipWhitespace()
    }

    private mutating func close() throws(ScanFault) {
        let closed = open
        let entry = tape.entries + Int(closed)
        open = entry.pointee.next
        entry.pointee.end = UInt32(truncatingIfNeeded: position)
        entry.pointee.next = tape.count
        depth &-= 1
        if entry.pointee.kind == .object, entry.pointee.count > 1,
            let repeated = MemberNames(base: base, entries: tape.entries).repeatedName(of: closed)
        {
            // Reopened, so that the fault's path leads here.
            entry.pointee.next = open
            entry.pointee.end = 0
            open = closed
            throw ScanFault(problem: .repeatedName, offset: Int(repeated.start) - 1)
        }
    }

    @inline(__always)
    private mutating func countElement() { tape.entries[Int(open)].info &+= TapeEntry.one }

    private mutating func scanName() throws(ScanFault) {
        guard here == UInt8(ascii: "\"") else { throw fault(.noName) }
        countElement()
        let name = tape.count
        try appendString()
        tape.entries[Int(name)].next = name
        skipWhitespace()
        guard here == UInt8(ascii: ":") else { throw fault(.noColon) }
        position &+= 1
        skipWhitespace()
    }

    @inline(__always)
    private mutating func append(_ kind: JSONKind, from start: Int, to end: Int, flag: Bool = false) {
        let next = tape.count &+ 1
        _ = tape.append(
            TapeEntry(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), next: next,
                info: UInt32(kind.rawValue) | (flag ? TapeEntry.flag : 0)))
    }

    private mutating func appendWord(_ word: StaticString, _ kind: JSONKind) throws(ScanFault) {
        let start = position
        guard count &- position >= word.utf8CodeUnitCount else { throw fault(.noValue) }
        for offset in 0..<word.utf8CodeUnitCount where base[position &+ offset] != word.utf8Start[offset] {
            throw fault(.noValue)
        }
        position &+= word.utf8CodeUnitCount
        append(kind, from: start, to: position)
    }

    private mutating func appendNumber() throws(ScanFault) {
        let start = position
        if here == UInt8(ascii: "-") { position &+= 1 }
        if here == UInt8(ascii: "0") { position &+= 1 } else { try skipDigits() }
        var isWhole = true
        if here == UInt8(ascii: ".") {
            isWhole = false
            position &+= 1
            try skipDigits()
        }
        if here | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position &+= 1
            if here == UInt8(ascii: "+") || here == UInt8(ascii: "-") { position &+= 1 }
            try skipDigits()
        }
        append(.number, from: start, to: position, flag: !isWhole)
    }

    private mutating func skipDigits() throws(ScanFault) {
        let start = position
        while position < count, base[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        guard position > start else { throw fault(.badNumber) }
    }

    private mutating func appendString() throws(ScanFault) {
        position &+= 1
        let start = position
        var hasEscapes = false
        while true {
            position = Bytes.endOfPlainText(base, from: position, count: count)
            guard position < count else { throw fault(.unendedString) }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try skipEscape()
            } else {
                guard byte >= 0x20 else { throw fault(.controlCharacter) }
                let length = Bytes.lengthOfScalar(base + position, available: count &- position)
                guard length > 0 else { throw fault(.badUTF8) }
                position &+= length
            }
        }
        append(.string, from: start, to: position, flag: hasEscapes)
        position &+= 1
    }

    private mutating func skipEscape() throws(ScanFault) {
        guard count &- position >= 2 else { throw fault(.badEscape) }
        switch base[position &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position &+= 2
        case UInt8(ascii: "u"):
            let length = Bytes.lengthOfUnicodeEscape(base + position, available: count &- position)
            guard length > 0 else { throw fault(.badEscape) }
            position &+= length
        default: throw fault(.badEscape)
        }
    }
}

/// What is wrong with a text, and at which byte.
struct ScanFault: Error {
    var problem: ScanProblem
    var offset: Int
}

enum ScanProblem: String {
    case noValue = "expected a value"
    case noName = "expected a member name in quotes"
    case noColon = "expected a colon after the member name"
    case noSeparator = "expected a comma or the end of the array or object"
    case trailingBytes = "expected the end of the text"
    case tooDeep = "more than 64 arrays and objects are nested"
    case repeatedName = "the member name is repeated"
    case badNumber = "expected a digit"
    case badEscape = "not an escape of JSON, or half a surrogate pair"
    case badUTF8 = "not UTF-8"
    case controlCharacter = "a control character in a string must be escaped"
    case unendedString = "the string does not end"
    case tooLong = "the text is too long"
    case empty = "expected a value, found nothing"
}
