import FoundationEssentials

func base64Text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

/// - Returns: nil for anything but base64; line breaks are skipped.
func base64Bytes(_ text: some StringProtocol) -> [UInt8]? {
    Data(base64Encoded: String(text.filter { !$0.isWhitespace })).map(Array.init)
}
