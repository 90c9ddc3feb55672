import Foundation

/// A program beside this one, running as a process; it ends with this one, whose pipe it listens at.
final class Program {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Where this program is, and those it starts: the build folder.
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static func exists(_ name: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: folder.appending(path: name).path)
    }

    init(_ name: String, _ arguments: [String]) throws {
        process.executableURL = Self.folder.appending(path: name)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    var id: Int32 { process.processIdentifier }

    /// The first line it writes.
    ///
    /// - Throws: When it ended without one.
    func firstLine() throws -> String {
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        process.waitUntilExit()
        throw Failure(description: "\(process.executableURL?.lastPathComponent ?? "") ended with \(endedWith)")
    }

    /// Ends it, and returns once it has ended.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private var endedWith: String {
        process.terminationReason == .exit
            ? "status \(process.terminationStatus)" : "signal \(process.terminationStatus)"
    }

    /// Runs a command of the machine to its end, with what it prints thrown away.
    static func run(_ command: String, _ arguments: [String], environment: [String: String]? = nil) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [command] + arguments
        if let environment { process.environment = environment }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(command) \(arguments.joined(separator: " ")) failed")
        }
    }
}
