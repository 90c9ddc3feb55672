import CoreTypes
import Logging

/// One line per message on standard error: time, level, service, message, `key=value` pairs.
///
/// Control characters are escaped, so that what a system answered cannot forge a line or drive a terminal.
struct LineLogHandler: LogHandler {
    let label: String
    let file: LogFile
    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(WallClock.live.now()) \(event.level) \(label): \(escaped(event.message.description))"
        let pairs = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(quoted(escaped("\(value)")))"
        }
        file.write(line + "\n")
    }
}

private func quoted(_ text: String) -> String {
    text.utf8.contains(UInt8(ascii: " ")) || text.isEmpty ? "\"\(text)\"" : text
}

private func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
        if isControl(scalar) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
}
