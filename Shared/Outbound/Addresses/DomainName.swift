/// A host name as it goes over the wire: labels of ASCII letters, digits and hyphens, in lower case.
struct DomainName: Sendable, Hashable {
    /// Without a final dot.
    let ascii: String

    /// Turns `mælk.dk` into `xn--mlk-yla.dk`.
    ///
    /// libcurl could do it only under a UTF-8 locale, which a service does not have. Labels outside ASCII are taken when
    /// every character is a lower-case letter or digit in its one form; combining marks are refused, because telling
    /// whether they are composed takes tables Swift does not open. Such a name can be typed as its `xn--` form.
    ///
    /// - Returns: nil when the text is not a host name: empty labels, labels over 63 or names over 253 bytes, other
    ///   characters, hyphens at an edge, a last label of digits only (that is an address, in some form).
    init?(_ text: String) {
        var labels: [String] = []
        for label in text.lowercased().split(separator: ".", omittingEmptySubsequences: false) {
            guard let ascii = asciiLabel(label) else { return nil }
            labels.append(ascii)
        }
        guard let last = labels.last, !last.utf8.allSatisfy(isDigit), !last.hasPrefix("0x") else { return nil }
        ascii = labels.joined(separator: ".")
        guard ascii.utf8.count <= 253 else { return nil }
    }

    var labelCount: Int { ascii.split(separator: ".").count }
}

private func asciiLabel(_ label: Substring) -> String? {
    guard let first = label.utf8.first, let last = label.utf8.last, first != hyphen, last != hyphen else { return nil }
    if label.utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == hyphen || $0 == underscore }) {
        return label.utf8.count <= 63 ? String(label) : nil
    }
    guard label.unicodeScalars.allSatisfy(isAllowed), !label.hasPrefix("xn--") else { return nil }
    let ascii = "xn--" + punycode(label.unicodeScalars.map(\.value))
    return ascii.utf8.count <= 63 ? ascii : nil
}

private func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
        let byte = UInt8(scalar.value)
        return isLetter(byte) || isDigit(byte) || byte == hyphen
    }
    // ß folds to ss but is a letter of its own in today's registries.
    guard scalar == "ß" || !scalar.properties.changesWhenNFKCCaseFolded else { return false }
    switch scalar.properties.generalCategory {
    case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber: return true
    default: return false
    }
}

private let hyphen = UInt8(ascii: "-")
private let underscore = UInt8(ascii: "_")
private func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

/// RFC 3492, section 6.3. A label has at most a few dozen characters, so nothing can overflow.
private func punycode(_ input: [UInt32]) -> String {
    var output = input.filter { $0 < 128 }.map { UInt8($0) }
    let basicCount = output.count
    if basicCount > 0 { output.append(hyphen) }
    var (codePoint, delta, bias, handled) = (UInt32(128), 0, 72, basicCount)
    while handled < input.count {
        guard let next = input.filter({ $0 >= codePoint }).min() else { break }
        delta += Int(next - codePoint) * (handled + 1)
        codePoint = next
        for scalar in input {
            if scalar < codePoint { delta += 1 }
            guard scalar == codePoint else { continue }
            output += variableLength(delta, bias)
            bias = adapt(delta, count: handled + 1, isFirst: handled == basicCount)
            delta = 0
            handled += 1
        }
        delta += 1
        codePoint += 1
    }
    return String(decoding: output, as: UTF8.self)
}

private func variableLength(_ value: Int, _ bias: Int) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = value
    var position = 36
    while true {
        let threshold = min(max(position - bias, 1), 26)
        if rest < threshold { break }
        digits.append(punycodeDigit(threshold + (rest - threshold) % (36 - threshold)))
        rest = (rest - threshold) / (36 - threshold)
        position += 36
    }
    return digits + [punycodeDigit(rest)]
}

private func punycodeDigit(_ value: Int) -> UInt8 { UInt8(value < 26 ? 97 + value : 22 + value) }

private func adapt(_ delta: Int, count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var steps = 0
    while delta > (36 - 1) * 26 / 2 {
        delta /= 36 - 1
        steps += 36
    }
    return steps + 36 * delta / (delta + 38)
}
