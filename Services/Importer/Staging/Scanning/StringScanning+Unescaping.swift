extension StringScanning {
    /// Appends the text that a JSON string stands for. The string has been found valid before.
    static func unescape(_ bytes: UnsafePointer<UInt8>, _ length: Int, into output: inout GrowingBytes) {
        var at = 0
        while at < length {
            guard bytes[at] == UInt8(ascii: "\\") else {
                output.append(bytes[at])
                at += 1
                continue
            }
            switch bytes[at + 1] {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                at += unescapeScalar(bytes + at, into: &output)
                continue
            case let other: output.append(other)
            }
            at += 2
        }
    }

    /// Appends the scalar of the escape at `bytes`, both halves of a pair; returns the length of what was read.
    private static func unescapeScalar(_ bytes: UnsafePointer<UInt8>, into output: inout GrowingBytes) -> Int {
        let first = codeUnit(bytes + 2)
        guard first & 0xFC00 == 0xD800 else {
            appendScalar(first, to: &output)
            return 6
        }
        appendScalar(0x10000 + (first & 0x3FF) << 10 + codeUnit(bytes + 8) & 0x3FF, to: &output)
        return 12
    }

    private static func codeUnit(_ digits: UnsafePointer<UInt8>) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | (hexDigit(digits[$1]) ?? 0) }
    }

    private static func appendScalar(_ value: UInt32, to output: inout GrowingBytes) {
        guard let scalar = Unicode.Scalar(value), let encoded = Unicode.UTF8.encode(scalar) else { return }
        for byte in encoded { output.append(byte) }
    }

    /// Appends text as the inside of a JSON string, always the same way: only what must be escaped is.
    static func escape(_ text: UnsafePointer<UInt8>, _ length: Int, into output: inout GrowingBytes) {
        for at in 0..<length {
            let byte = text[at]
            switch byte {
            case UInt8(ascii: "\""): output.append("\\\"")
            case UInt8(ascii: "\\"): output.append("\\\\")
            case 0x08: output.append("\\b")
            case 0x09: output.append("\\t")
            case 0x0A: output.append("\\n")
            case 0x0C: output.append("\\f")
            case 0x0D: output.append("\\r")
            case 0..<0x20:
                output.append("\\u00")
                output.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                output.append(Array("0123456789abcdef".utf8)[Int(byte & 0x0F)])
            default: output.append(byte)
            }
        }
    }

    /// The text as a JSON string with its quotes, for what is written once per run.
    static func quoted(_ text: String) -> [UInt8] {
        var output = GrowingBytes(capacity: text.utf8.count + 16)
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            if let start = bytes.baseAddress { escape(start, bytes.count, into: &output) }
        }
        output.append(UInt8(ascii: "\""))
        return Array(output.bytes)
    }
}
