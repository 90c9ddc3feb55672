import ArgumentParser
import CoreTypes
import JSON
import RPC

/// Works with services down: says which, and what that means for merchants.
struct HealthCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Show which services are ready, and what a missing one means for merchants.")
    @OptionGroup var common: CommonOptions
    @Option(help: "Only this service.") var service: String?
    @Flag(help: "Print nothing; the exit code tells.") var quiet = false
    @Flag(help: "With --service: print a line now and for each change, until --timeout or Ctrl-C.") var watch = false

    func validate() throws {
        if watch, service == nil { throw ValidationError("--watch needs --service.") }
        if watch, quiet { throw ValidationError("--watch prints; it does not go with --quiet.") }
    }

    func perform(_ session: Session) async throws {
        if watch, let service { return try await follow(service, session) }
        let names = service.map { [$0] } ?? ServiceClients.names
        var table = Table("service", "state", "detail")
        var answers: [String: JSONValue] = [:]
        var worst: ServiceError?
        for name in names {
            do {
                let answer = try await session.clients.raw(
                    "rpc.health", nil, at: name, session.callOptions(for: .read))
                answers[name] = answer
                let isReady = answer["isReady"] == .bool(true)
                if !isReady {
                    worst = ServiceError(.unavailable, reason: "service_not_ready", arguments: ["service": name])
                }
                table.add(name, isReady ? "ready" : "NOT READY", Self.detail(answer))
            } catch let error as ServiceError {
                worst = error
                answers[name] = .object([("isReady", .bool(false)), ("reason", .string(error.reason))])
                table.add(name, "DOWN", session.texts.title("service_down_\(name)"))
            }
        }
        if !quiet {
            try session.output.show(JSONValue.object(names.map { ($0, answers[$0] ?? .null) })) { table.lines() }
        }
        if let worst { throw ExitCode.status(worst.status) }
    }

    /// A watch ends before its time when its connection drains, or after the longest time that a call may take: then
    /// the next one goes on. A service that has stopped is an error.
    private func follow(_ name: String, _ session: Session) async throws {
        let end = ContinuousClock.now + .seconds(common.timeout)
        let lines = HealthLines(service: name, output: session.output)
        var options = session.callOptions(for: WatchHealth.effect)
        while true {
            options.timeout = ContinuousClock.now.duration(to: end)
            guard options.timeout > .zero else { return }
            do {
                _ = try await session.clients.caller(at: name).stream(WatchHealth(), options: options) {
                    lines.show($0)
                }
            } catch let error as ServiceError where error.status == .deadlineExceeded {
                continue
            }
        }
    }

    private static func detail(_ answer: JSONValue) -> String {
        guard case .object(let members) = answer else { return "" }
        return members.filter { $0.key != "isReady" && $0.key != "isAlive" }.compactMap { key, value in
            switch value {
            case .string(let text): "\(key) \(text)"
            case .number(let text): "\(key) \(text)"
            case .bool(let flag): "\(key) \(flag ? "yes" : "NO")"
            case .array(let notes) where !notes.isEmpty: notes.map(\.short).joined(separator: " ")
            default: nil
            }
        }.joined(separator: ", ")
    }
}
