import Foundation
import Synchronization

/// Standard error as a log that stays small: where it is a file, a full one is put aside as `<name>.1`, in place of the
/// one put aside before, and a new one is begun.
///
/// A journal or a terminal is left alone.
final class LogFile: Sendable {
    private struct State {
        var bytesSinceLook = 0
        /// The last line was cut off, as by a full disk; the next one begins on a line of its own.
        var isCut = false
    }

    private let bytesMax: Int?
    private let state = Mutex(State())
    /// Looking at the file's size costs a system call.
    private let bytesBetweenLooks = 32 * 1024

    /// - Parameter bytesMax: How large the file may become, about; nil leaves it alone.
    init(bytesMax: Int?) { self.bytesMax = bytesMax }

    func write(_ line: String) {
        state.withLock { state in
            let text = state.isCut ? "\n" + line : line
            state.isCut = !StandardError.write(text)
            state.bytesSinceLook += text.utf8.count
            guard let bytesMax, state.bytesSinceLook >= min(bytesBetweenLooks, bytesMax) else { return }
            state.bytesSinceLook = 0
            Self.beginAnew(over: bytesMax)
        }
    }

    private static func beginAnew(over bytesMax: Int) {
        var figures = stat()
        guard fstat(STDERR_FILENO, &figures) == 0, figures.st_mode & S_IFMT == S_IFREG, figures.st_size > bytesMax,
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(STDERR_FILENO)"),
            rename(path, path + ".1") == 0
        else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        // With no room for a new file the old one goes on under its new name.
        guard file >= 0 else { return }
        defer { close(file) }
        var output = stat()
        let isShared = fstat(STDOUT_FILENO, &output) == 0 && output.st_ino == figures.st_ino
        dup2(file, STDERR_FILENO)
        if isShared { dup2(file, STDOUT_FILENO) }
    }
}
