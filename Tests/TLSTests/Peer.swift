import Foundation
import NIOCore
import NIOPosix
import Testing

/// Other programs, run for one test.
final class Peer: Sendable {
    let port: Int
    private let process: Process

    private init(port: Int, process: Process) {
        self.port = port
        self.process = process
    }

    /// Runs a program to its end.
    ///
    /// - Parameter answer: Its standard input stays open until it has said this; nil closes it at once.
    static func run(_ arguments: [String], input: String, until answer: String?) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: reading a pipe blocks.
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingRun(arguments, input: input, until: answer) })
            }
        }
    }

    private static func blockingRun(_ arguments: [String], input: String, until answer: String?) throws -> String {
        let process = makeProcess(arguments)
        let (standardInput, output) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // A peer that was refused may be gone before it reads.
        signal(SIGPIPE, SIG_IGN)
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        if answer == nil { try? standardInput.fileHandleForWriting.close() }
        var said = Data()
        while true {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += more
            if let answer, String(decoding: said, as: UTF8.self).contains(answer) {
                try? standardInput.fileHandleForWriting.close()
                end(process)
                break
            }
        }
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self)
    }

    /// Starts a server on a free port and waits until it says ACCEPT.
    static func serve(_ arguments: (Int) -> [String]) async throws -> Peer {
        let group = MultiThreadedEventLoopGroup.singleton
        let probe = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = probe.localAddress!.port!
        try await probe.close()
        let process = makeProcess(arguments(port))
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let isReady = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var said = Data()
                while !String(decoding: said, as: UTF8.self).contains("ACCEPT") {
                    let more = output.fileHandleForReading.availableData
                    if more.isEmpty { return continuation.resume(returning: false) }
                    said += more
                }
                continuation.resume(returning: true)
            }
        }
        try #require(isReady)
        return Peer(port: port, process: process)
    }

    private static func makeProcess(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        return process
    }

    func stop() { Self.end(process) }

    /// Not by SIGTERM, which a child of a thread that blocks it does not get.
    private static func end(_ process: Process) { kill(process.processIdentifier, SIGKILL) }
}
