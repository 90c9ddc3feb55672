import Foundation

/// Ends the program with a sentence: a candidate whose answers are wrong has no figures.
public func fail(_ problem: String) -> Never {
    FileHandle.standardError.write(Data("\(CommandLine.arguments.first ?? "candidate"): \(problem)\n".utf8))
    exit(1)
}

/// Tells the driver the server's port, and ends the program when the driver does, however that happens.
public func announce(port: Int) {
    FileHandle.standardOutput.write(Data("\(port)\n".utf8))
    endWithDriver()
}

/// A client that hangs must not outlive its driver either.
public func endWithDriver() {
    Thread.detachNewThread {
        while FileHandle.standardInput.availableData.count > 0 {}
        exit(0)
    }
}
