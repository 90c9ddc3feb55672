import CoreTypes
import Foundation
import Synchronization
import TestSupport

/// A kill is played by copying the files at a crash point: what lies there is what the next process would find.
final class KillImage: Sendable {
    private let folder: TemporaryFolder
    private let wanted: String
    private let isTaken = Mutex(false)

    init(at wanted: String) throws {
        folder = try TemporaryFolder()
        self.wanted = wanted
    }

    var live: String { folder.file("live.db") }
    var image: String { folder.file("image.db") }
    var wasReached: Bool { isTaken.withLock { $0 } }

    var crashPoints: CrashPoints {
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
