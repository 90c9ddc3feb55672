import Foundation
import TestInstallation
import TestSupport

/// A disk whose power can be cut: a file on btrfs, whose instant copy is what had reached it at that moment. What the
/// kernel still held back is not in the copy. Mounting the copy is the boot after the cut.
final class PowerCutDisk: Sendable {
    private let mounts: Mounts
    /// Where the disk is mounted.
    let place: String

    /// Puts a new disk at `place`, with what lies there now.
    init(at place: String) async throws {
        self.place = place
        let parent = URL(filePath: place).deletingLastPathComponent().path
        mounts = try Mounts(below: [parent])
        try await mounts.run(
            """
            cd "$1"
            mkdir outer crash
            truncate -s 700M outer.img
            mkfs.btrfs -q outer.img
            mount -o loop outer.img outer
            truncate -s 300M outer/inner.img
            mkfs.ext4 -q outer/inner.img
            mount -o loop outer/inner.img crash
            mkdir -p "$2"
            cp -a "$2/." crash/
            umount crash
            mount -o loop outer/inner.img "$2"
            """, [mounts.folder.path, place])
    }

    /// Keeps what is on the disk at this instant.
    func cut() async throws {
        try await mounts.run(#"cp --reflink=always "$1/outer/inner.img" "$1/outer/crash.img""#, [mounts.folder.path])
    }

    /// Looks at what was kept, as the boot after the cut would find it; then forgets it.
    func afterCut<Value>(_ body: (_ place: String) async throws -> Value) async throws -> Value {
        let crash = mounts.folder.file("crash")
        try await mounts.run(#"mount -o loop "$1/outer/crash.img" "$1/crash""#, [mounts.folder.path])
        let result: Result<Value, any Error>
        do { result = .success(try await body(crash)) } catch { result = .failure(error) }
        try await mounts.run(#"umount "$1/crash"; rm "$1/outer/crash.img""#, [mounts.folder.path])
        return try result.get()
    }

    /// Goes on with what was kept: it is at ``place`` from now on. Nobody may have a file open there.
    func boot() async throws {
        try await mounts.unmount(place)
        try await mounts.run(
            """
            mv "$1/outer/crash.img" "$1/outer/inner.img"
            mount -o loop "$1/outer/inner.img" "$2"
            """, [mounts.folder.path, place])
    }

    /// The place is as empty as before the disk was put there.
    func remove() async throws { try await mounts.unmount(place) }
}
