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
        var description: String { name + (error.map { " \(String(cString: strerror($0)))" } ?? "") }

        static let writeFails = Point(name: "posix/io/rw/pwrite", error: EIO)
        static let noRoom = Point(name: "posix/io/rw/pwrite", error: ENOSPC)
        static let shortWrite = Point(name: "posix/io/rw/pwrite/reduce", error: nil)
        static let readFails = Point(name: "posix/io/rw/pread", error: EIO)
        static let flushFails = Point(name: "posix/io/sync/fdatasync", error: EIO)
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

    func failAlways(_ point: Point, in process: Int32) throws {
        try command("enable name=\(point.name)" + (point.error.map { ",failinfo=\($0)" } ?? ""), process)
    }

    func stop(_ point: Point, in process: Int32) throws { try command("disable name=\(point.name)", process) }

    private func command(_ text: String, _ process: Int32) throws {
        let input = try FileHandle(forWritingTo: URL(filePath: "\(prefix)-\(process).in"))
        try input.write(contentsOf: Data((text + "\n").utf8))
        try input.close()
        let output = try FileHandle(forReadingFrom: URL(filePath: "\(prefix)-\(process).out"))
        let answer = String(decoding: try output.read(upToCount: 64) ?? Data(), as: UTF8.self)
        try output.close()
        guard answer.hasPrefix("0") else { throw Installation.Failure(text: "libfiu: '\(text)': \(answer)") }
    }
}
