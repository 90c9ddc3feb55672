import Foundation
import Synchronization
import TestCertificates
import TestSupport

/// A mail server that fails as it is told to: one port of `Peers/sick_mail_server.py`, which has one for each test.
struct SickMailServer: Sendable {
    enum Security: String, Encodable {
        case plain, good, expired
    }

    /// What came to it since it was opened. A mail is noted before it is answered, so none is still to come.
    struct Seen: Decodable {
        struct Mail: Decodable {
            var to: String
            var id: String
        }

        var mails: [Mail]
        /// How often the fault has been played.
        var played: Int
    }

    private struct Opening: Encodable {
        var open: Security
        var fault: String
        var times: Int
        var away: Bool
    }

    private struct Order: Encodable {
        var port: Int
        var fault: String?
        var times: Int?
    }

    private struct Opened: Decodable { var port: Int }

    let port: Int
    let authorityFile: String
    private let process: SickMailProcess

    /// - Parameters:
    ///   - fault: as the script says it; "" for a healthy server.
    ///   - isAway: nobody listens until the first ``order(_:times:)``.
    init(_ security: Security, _ fault: String = "", times: Int = 0, isAway: Bool = false) async throws {
        process = try await SickMailProcess.shared()
        authorityFile = process.authorityFile
        let opened: Opened = try await process.ask(Opening(open: security, fault: fault, times: times, away: isAway))
        port = opened.port
    }

    /// Sets another fault.
    func order(_ fault: String, times: Int) async throws {
        let _: Opened = try await process.ask(Order(port: port, fault: fault, times: times))
    }

    func seen() async throws -> Seen { try await process.ask(Order(port: port)) }
}

/// The script as a process, for all tests of this one; it ends with it.
private final class SickMailProcess: Sendable {
    struct Failed: Error { var what: String }

    private typealias Waiting = CheckedContinuation<Data, any Error>

    private struct State {
        var rest = Data()
        /// Who waits for an answer, the longest first: answers come in the order of the orders.
        var waiting: [Waiting] = []
        var hasEnded = false
    }

    let authorityFile: String
    private let authority: TestAuthority
    private let process = Process()
    private let orders: FileHandle
    private let state = Mutex(State())

    private static let started = Task { try SickMailProcess() }

    static func shared() async throws -> SickMailProcess { try await started.value }

    private init() throws {
        authority = try TestAuthority()
        authorityFile = authority.certificatePath
        var late = CertificateRequest(uris: [])
        late.otherNames = ["DNS:localhost", "IP:127.0.0.1"]
        late.validity = (from: "20200101000000Z", to: "20200102000000Z")
        let (good, expired) = (try authority.webServer(), try authority.issue(late))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Peers/sick_mail_server.py").path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            ProcessInfo.processInfo.environment["SLUICE_PYTHON"] ?? "python3", "-B", script,
            good.certificatePath, good.keyPath, expired.certificatePath, expired.keyPath,
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        orders = input.fileHandleForWriting
        output.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.take(data)
        }
        try process.run()
    }

    deinit { process.terminate() }

    /// Gives an order and waits for its answer without holding a thread.
    func ask<Answer: Decodable>(_ order: some Encodable) async throws -> Answer {
        let line = try JSONEncoder().encode(order) + [0x0A]
        let answer = try await withCheckedThrowingContinuation { (continuation: Waiting) in
            // Inside the lock: who waits first has ordered first.
            state.withLock { state in
                guard !state.hasEnded else { return continuation.resume(throwing: Self.end) }
                do {
                    try orders.write(contentsOf: line)
                    state.waiting.append(continuation)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
        return try JSONDecoder().decode(Answer.self, from: answer)
    }

    private static var end: Failed { Failed(what: "the mail server's process has ended") }

    /// Hands each whole line to who has waited longest; no data is the end of the process.
    private func take(_ data: Data) {
        let (answers, left) = state.withLock { state -> ([(Waiting, Data)], [Waiting]) in
            var answers: [(Waiting, Data)] = []
            state.rest += data
            while let end = state.rest.firstIndex(of: 0x0A), !state.waiting.isEmpty {
                answers.append((state.waiting.removeFirst(), Data(state.rest[..<end])))
                state.rest = Data(state.rest[(end + 1)...])
            }
            guard data.isEmpty else { return (answers, []) }
            defer { state.waiting = [] }
            state.hasEnded = true
            return (answers, state.waiting)
        }
        for (continuation, answer) in answers { continuation.resume(returning: answer) }
        for continuation in left { continuation.resume(throwing: Self.end) }
    }
}
