import Foundation
import TestInstallation
import TestSupport

/// File systems that a test mounts, and the folder their images lie in. They are gone with this value, or with the test
/// process at the latest, however it ended.
final class Mounts: Sendable {
    /// Only root may mount; in a container often nobody may.
    static let arePossible: Bool = {
        guard geteuid() == 0 else { return false }
        let script = """
            command -v mkfs.btrfs mkfs.ext4 losetup >/dev/null && [ -e /dev/loop-control ] &&
                unshare --mount /bin/sh -c 'mount -t tmpfs tmpfs /mnt'
            """
        return (try? Shell.run(script).status) == 0
    }()
    static let condition = "It mounts file systems: needs root, loop devices, btrfs-progs and e2fsprogs"

    let folder: TemporaryFolder
    /// What is mounted below these is unmounted.
    private let lifeline: Pipe

    /// - Parameter places: Folders, one of which is meant to hold each mount.
    init(below places: [String] = []) throws {
        folder = try TemporaryFolder("sluice-disk")
        lifeline = Pipe()
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try Shell.start(Self.guardScript, places + [folder.path], input: lifeline)
    }

    deinit {
        try? lifeline.fileHandleForWriting.close()
    }

    /// Waits for the end of a pipe that only this process writes to, which the kernel closes even after a kill -9.
    private static let guardScript = """
        read -r _
        for place in "$@"; do
            while mounted=$(awk -v place="$place/" 'index($2, place) == 1 { last = $2 } END { print last }' \\
                /proc/self/mounts) && [ -n "$mounted" ]; do umount --lazy "$mounted" || break; done
        done
        rm -rf --one-file-system -- "${@: -1}"
        """

    /// Who has ended a moment ago may still hold the place for another.
    func unmount(_ place: String) async throws {
        try await run(#"for attempt in $(seq 100); do umount "$1" && exit 0; sleep 0.05; done; exit 1"#, [place])
    }

    /// Runs a script as root and throws what it says when it fails.
    @discardableResult
    func run(_ script: String, _ arguments: [String] = []) async throws -> String {
        let answer = try await Shell.runAside("set -e\n" + script, arguments)
        guard answer.status == 0 else {
            throw Installation.Failure(text: "\(script)\(arguments): \(answer.output)")
        }
        return answer.output
    }
}

/// Bash, for what has no other face.
enum Shell {
    static func run(_ script: String, _ arguments: [String] = []) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script, "test"] + arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// Waits on a thread of its own: tasks that other tests' calls need are not held up.
    static func runAside(_ script: String, _ arguments: [String] = []) async throws -> (status: Int32, output: String) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try run(script, arguments) }) }
        }
    }

    /// Does not wait for its end.
    static func start(_ script: String, _ arguments: [String], input: Pipe) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setsid")
        process.arguments = ["/bin/bash", "-c", script, "test"] + arguments
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }
}
