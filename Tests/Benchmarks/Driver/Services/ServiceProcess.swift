import Foundation

/// A service's process, seen from outside.
struct ServiceProcess {
    let id: Int32

    /// Kilobytes of a line of /proc/PID/status, as `VmHWM` (the most ever resident) or `VmRSS` (now).
    func kilobytes(_ line: String) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let digits = status.split(separator: "\n").first { $0.hasPrefix("\(line):") }?.filter(\.isNumber)
        guard let number = digits.flatMap({ Double($0) }) else {
            throw Program.Failure(description: "process \(id) is gone")
        }
        return number
    }

    /// With what it was started, so that it can be started again alike.
    struct Start {
        var program: URL
        var folder: URL
        var environment: [String: String]
    }

    func start() throws -> Start {
        let data = try Data(contentsOf: URL(filePath: "/proc/\(id)/environ"))
        var environment: [String: String] = [:]
        for entry in data.split(separator: 0) {
            let parts = String(decoding: entry, as: UTF8.self).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
        }
        func link(_ name: String) -> URL { URL(filePath: "/proc/\(id)/\(name)").resolvingSymlinksInPath() }
        return Start(program: link("exe"), folder: link("cwd"), environment: environment)
    }
}

extension ServiceProcess.Start {
    /// Starts the service and waits until it takes connections, which it does once its database is migrated.
    ///
    /// - Returns: Milliseconds from starting it. It has ended when this returns.
    func timeToListen(on port: Int) throws -> Double {
        let process = Process()
        process.executableURL = program
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let begin = ContinuousClock.now
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        while !FreePorts.isTaken(port) {
            guard process.isRunning, ContinuousClock.now - begin < .seconds(30) else {
                throw Program.Failure(description: "\(program.lastPathComponent) does not listen")
            }
            usleep(500)
        }
        return (ContinuousClock.now - begin) / .milliseconds(1)
    }
}
