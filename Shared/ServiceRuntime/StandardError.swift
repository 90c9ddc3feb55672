import Foundation

/// Standard error, for log lines and complaints.
public enum StandardError {
    /// Writes what it can. A full disk or a closed pipe loses the text and nothing else: Foundation's file handle would
    /// end the process.
    ///
    /// - Returns: Whether all of it was written.
    @discardableResult
    public static func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let written = Foundation.write(STDERR_FILENO, part.baseAddress, part.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
