public import CoreTypes
import Foundation
import Synchronization

/// A kill is played by copying the files at a crash point: what lies there is what the next process would find.
public final class KillImage: Sendable {
    private let folder: TemporaryFolder
    private let wanted: String
    private let isTaken = Mutex(false)

    public init(at wanted: String) throws {
        folder = try TemporaryFolder()
        self.wanted = wanted
    }

    public var live: String { folder.file("live.db") }
    public var image: String { folder.file("image.db") }
    public var wasReached: Bool { isTaken.withLock { $0 } }

    public var crashPoints: CrashPoints {
        CrashPoints { [self] name in
            guard name == wanted else { return }
            isTaken.withLock { isTaken in
                guard !isTaken else { return }
                isTaken = true
                for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: live + suffix) {
                    try? FileManager.default.copyItem(atPath: live + suffix, toPath: image + suffix)
                }
            }
        }
    }
}
