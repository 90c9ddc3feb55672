import Foundation
import Synchronization
import TestCertificates
import TestSupport

/// `Peers/sick_mail_server.py` as a process that ends with this one.
final class SickMailServer: Sendable {
    struct Taken: Sendable, Decodable {
        var to: String
        var id: String
    }

    struct Failed: Error { var what: String }

    let plain: Int
    let tls: Int
    let expired: Int
    let authorityFile: String
    private let process: Process
    private let orders: FileHandle
    private let answers: LineReader

    private static let certificates = Result { () -> (TestAuthority, TestCertificate, TestCertificate) in
        let authority = try TestAuthority()
        var late = CertificateRequest(uris: [])
        late.otherNames = ["DNS:localhost", "IP:127.0.0.1"]
        late.validity = (from: "20200101000000Z", to: "20200102000000Z")
        return (authority, try authority.webServer(), try authority.issue(late))
    }

    init() throws {
        let (authority, good, expired) = try Self.certificates.get()
        authorityFile = authority.certificatePath
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Peers/sick_mail_server.py").path
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-B", script, good.certificatePath, good.keyPath, expired.certificatePath, expired.keyPath,
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        orders = input.fileHandleForWriting
        answers = LineReader(output.fileHandleForReading)
        try process.run()
        let ports = try JSONDecoder().decode([String: Int].self, from: Data(answers.line().utf8))
        guard let plain = ports["plain"], let tls = ports["tls"], let expired = ports["expired"] else {
            throw Failed(what: "\(ports)")
        }
        self.plain = plain
        self.tls = tls
        self.expired = expired
    }

    deinit { process.terminate() }

    /// Sets the fault; what was taken before is forgotten.
    func order(_ fault: String, times: Int) throws {
        let order = #"{"fault": "\#(fault)", "times": \#(times)}"# + "\n"
        try orders.write(contentsOf: Data(order.utf8))
        while try answers.line() != #"{"order": "\#(fault)"}"# {}
    }

    /// The mails taken since the last look or order. A mail is told of before it is answered, so none is still to come.
    func taken() throws -> [Taken] {
        try orders.write(contentsOf: Data("{}\n".utf8))
        var found: [Taken] = []
        while true {
            let line = try answers.line()
            if line == #"{"look": true}"# { return found }
            found.append(try JSONDecoder().decode(Taken.self, from: Data(line.utf8)))
        }
    }
}

/// The lines of a pipe.
private final class LineReader: Sendable {
    private struct State {
        var rest = Data()
        var lines: [String] = []
    }

    private let state = Mutex(State())
    private let handle: FileHandle
    private let arrived = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        self.handle = handle
        handle.readabilityHandler = { [weak self] handle in self?.take(handle.availableData) }
    }

    private func take(_ data: Data) {
        guard !data.isEmpty else { return handle.readabilityHandler = nil }
        let count = state.withLock { state in
            let before = state.lines.count
            state.rest += data
            while let end = state.rest.firstIndex(of: 0x0A) {
                state.lines.append(String(decoding: state.rest[state.rest.startIndex..<end], as: UTF8.self))
                state.rest = Data(state.rest[(end + 1)...])
            }
            return state.lines.count - before
        }
        for _ in 0..<count { arrived.signal() }
    }

    /// The next line; waits for it ten seconds.
    func line() throws -> String {
        while true {
            if let line = state.withLock({ $0.lines.isEmpty ? nil : $0.lines.removeFirst() }) { return line }
            guard arrived.wait(timeout: .now() + 10) == .success else {
                throw SickMailServer.Failed(what: "the mail server says nothing")
            }
        }
    }
}
