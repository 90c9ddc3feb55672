import Foundation

/// Ends every process that works in a folder, and removes the folder, as soon as this value is gone or the whole test
/// process, however it ended.
///
/// A shell waits for the end of a pipe that only this process writes to, which the kernel closes even after a kill -9.
final class ProcessGuard: Sendable {
    private let lifeline: Int32

    init(folder: String) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Installation.Failure(text: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        lifeline = ends[1]
        defer { close(ends[0]) }
        _ = try Spawn.start(
            "/bin/bash", ["-c", Self.script, "guard", folder], environment: ["PATH": "/usr/bin:/bin"], in: "/",
            input: ends[0], output: "/dev/null")
    }

    deinit { close(lifeline) }

    /// Three times: something may have been about to start another process.
    private static let script = """
        read -r _
        folder=$(realpath -- "$1") || exit 0
        for pass in 1 2 3; do
            for process in /proc/[0-9]*; do
                case "$(readlink "$process/cwd" 2>/dev/null)" in
                    "$folder"/*) kill -KILL "${process#/proc/}" 2>/dev/null ;;
                esac
            done
            sleep 0.3
        done
        rm -rf -- "$folder"
        """
}
