public import JSON

/// JSON that has one text only: RFC 8785, for the values receipts are made of.
///
/// Those are objects, arrays, texts, whole numbers up to 2^53 - 1, true, false and null. Other numbers are refused rather
/// than written the way ECMAScript would: decimals travel as texts here.
public enum CanonicalJSON {
    public enum Fault: Error, Equatable {
        /// Not a whole number within ±(2^53 - 1), or written otherwise than in plain digits.
        case number(String)
        case memberTwice(String)
    }

    /// The largest whole number every reader of JSON takes for what it is.
    static let integerMax: Int64 = (1 << 53) - 1

    public static func bytes(of value: JSONValue) throws(Fault) -> [UInt8] {
        var output: [UInt8] = []
        try append(value, to: &output)
        return output
    }

    /// - Throws: ``Fault``, or what encoding the value throws.
    public static func bytes(encoding value: some Encodable) throws -> [UInt8] {
        try bytes(of: JSON.decode(JSONValue.self, from: JSON.encode(value)))
    }

    private static func append(_ value: JSONValue, to output: inout [UInt8]) throws(Fault) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let text): output += try plain(text).utf8
        case .string(let text): append(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try append(element, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members): try append(members, to: &output)
        }
    }

    /// Members go in the order of their names' UTF-16 code units, which is neither that of UTF-8 nor of characters.
    private static func append(
        _ members: [(key: String, value: JSONValue)], to output: inout [UInt8]
    ) throws(Fault) {
        let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        output.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 {
                let before = sorted[index - 1].key
                guard !member.key.utf16.elementsEqual(before.utf16) else { throw .memberTwice(member.key) }
                output.append(UInt8(ascii: ","))
            }
            append(member.key, to: &output)
            output.append(UInt8(ascii: ":"))
            try append(member.value, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func plain(_ text: String) throws(Fault) -> String {
        guard let value = Int64(text), value.magnitude <= integerMax.magnitude, String(value) == text else {
            throw .number(text)
        }
        return text
    }

    /// Only what must be escaped is; the letters of `\u` escapes are small.
    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x08: output += #"\b"#.utf8
            case 0x09: output += #"\t"#.utf8
            case 0x0A: output += #"\n"#.utf8
            case 0x0C: output += #"\f"#.utf8
            case 0x0D: output += #"\r"#.utf8
            case ..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output += #"\u00"#.utf8
                output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
