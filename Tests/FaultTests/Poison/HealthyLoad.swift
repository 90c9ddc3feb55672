import CoreTypes
import RPC
import SchedulerAPI
import Synchronization
import TestInstallation

/// Healthy merchants whose imports are started now and then, and how long each waited for an importer.
final class HealthyLoad: Sendable {
    private struct State {
        var delays: [Duration] = []
        var problems: [String] = []
        var isOver = false
    }

    private let world: World
    private let state = Mutex(State())

    init(_ world: World, _ merchants: [Merchant]) { self.world = world }

    var delays: [Duration] { state.withLock { $0.delays } }
    var problems: [String] { state.withLock { $0.problems } }

    /// Those under way are carried to their end.
    func stop() { state.withLock { $0.isOver = true } }

    /// - Parameter times: nil for until it is stopped.
    func run(_ merchant: Merchant, times: Int? = nil) async {
        var left = times ?? .max
        while left > 0, !Task.isCancelled, !state.withLock({ $0.isOver }) {
            left -= 1
            do {
                let id = try await world.startRun(merchant)
                let last = try await world.idle(merchant)
                let run = try await world.run(id).run
                // Its own delay counts, also when its importer was ended afterwards and the run had to be made again.
                guard let started = run.startedAt, last.outcome?.isSuccess == true || last.outcome == .lost else {
                    problem("a run of \(merchant.name) ended as \(last.outcome?.rawValue ?? last.state.rawValue)")
                    continue
                }
                state.withLock { $0.delays.append(started - run.queuedAt) }
            } catch {
                problem("\(merchant.name): \(error)")
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func problem(_ text: String) { state.withLock { $0.problems.append(text) } }
}
