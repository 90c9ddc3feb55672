import Foundation
import TestInstallation

/// Makes system calls of a running process fail, from outside, with libfiu.
struct FaultInjection {
    static let libraries = ["/usr/lib/fiu/fiu_run_preload.so", "/usr/lib/fiu/fiu_posix_preload.so"]
    static let isPossible = libraries.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    static let condition = "It makes system calls fail: needs Debian's fiu-utils"

    /// One call that fails, once.
    struct Point: Sendable, CustomStringConvertible {
        var name: String
        /// errno; nil where the call does less than it was asked.
        var error: Int32?
        /// Where the probe counts its strikes.
        var cell: Probe.Cell
        /// Whether nothing the process remembers of the file can be trusted any more.
        var endsProcess: Bool { cell == .flushesFailed }
        /// libfiu takes a random number of bytes off a write, and that may be none of a few.
        var mayMiss: Bool { cell == .writesShortened }
        var description: String { name + (error.map { " \(String(cString: strerror($0)))" } ?? "") }

        static let writeFails = Point(name: "posix/io/rw/pwrite", error: EIO, cell: .writesFailed)
        static let noRoom = Point(name: "posix/io/rw/pwrite", error: ENOSPC, cell: .writesFailed)
        static let shortWrite = Point(name: "posix/io/rw/pwrite/reduce", error: nil, cell: .writesShortened)
        static let readFails = Point(name: "posix/io/rw/pread", error: EIO, cell: .readsFailed)
        static let flushFails = Point(name: "posix/io/sync/fdatasync", error: EIO, cell: .flushesFailed)
        static let all = [writeFails, noRoom, shortWrite, readFails, flushFails]
    }

    /// Of the pipes a process is told through; its id follows.
    let prefix: String

    /// What the process is started with.
    var variables: [String: String] {
        ["LD_PRELOAD": Self.libraries.joined(separator: " "), "FIU_CTRL_FIFO": prefix]
    }

    func failOnce(_ point: Point, in process: Int32) throws {
        try command("enable name=\(point.name),onetime" + (point.error.map { ",failinfo=\($0)" } ?? ""), process)
    }

    private func command(_ text: String, _ process: Int32) throws {
        let input = try FileHandle(forWritingTo: URL(filePath: "\(prefix)-\(process).in"))
        try input.write(contentsOf: Data((text + "\n").utf8))
        try input.close()
        let output = try FileHandle(forReadingFrom: URL(filePath: "\(prefix)-\(process).out"))
        let answer = String(decoding: try output.read(upToCount: 64) ?? Data(), as: UTF8.self)
        try output.close()
        // Who fails at once may end before it can answer.
        guard answer.hasPrefix("0") || answer.isEmpty else {
            throw Installation.Failure(text: "libfiu: '\(text)': \(answer)")
        }
    }
}
