import CoreTypes
import JSON
import MonitorAPI
import RPC
import SchedulerAPI
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The runs of this process from first claim to last report: hands them out, notes when each step was passed, and ends
/// the process with one line that says it all.
final class Course: Sendable {
    /// A step of a run, named like the place in the code it was passed at, with seconds since the process began.
    struct Mark: Encodable {
        var run: Int
        var step: String
        var wall: Double
        var cpu: Double
    }

    struct Result: Encodable {
        var rows = 0
        var distinct = 0
        var complete = false
        var outcome = ""
        var peakKB = 0
        var marks: [Mark] = []
    }

    private struct State {
        var waiting: [ClaimedRun]
        var inHand: ClaimedRun?
        var run = 0
        var result = Result()
    }

    private let state: Mutex<State>
    private let endsAtVerdict: Bool
    private let start = Clocks.wall

    init(runs: [ClaimedRun], endsAtVerdict: Bool) {
        state = Mutex(State(waiting: runs))
        self.endsAtVerdict = endsAtVerdict
    }

    /// Crash points are passed at the end of each step. Of those passed for every page or chunk the last one counts.
    func passed(_ step: String) {
        let mark = (wall: Clocks.wall - start, cpu: Clocks.processor)
        let isOver = state.withLock { state in
            state.result.marks.removeAll { $0.run == state.run && $0.step == step }
            state.result.marks.append(Mark(run: state.run, step: step, wall: mark.wall, cpu: mark.cpu))
            return endsAtVerdict && state.waiting.isEmpty && step == "importer.judged"
        }
        if isOver { end() }
    }

    func judged(_ verdict: SignedVerdict, on evidence: ImportEvidence) {
        let body = try? JSON.decode(VerdictBody.self, from: Array(verdict.body.utf8))
        state.withLock { state in
            state.result.rows = evidence.rowsRead
            state.result.distinct = evidence.distinctKeys
            state.result.complete = body?.verdict == .complete
        }
    }

    /// The scheduler's side: claims, leases, reports.
    ///
    /// - Parameter monitor: Is told of each run that has ended; nil for nobody.
    func scheduler(telling monitor: (any RPCCaller)?, at now: @escaping @Sendable () -> Instant) -> any RPCCaller {
        var router = Router(service: "scheduler", randomness: .init { 7 })
        router.register(ClaimRun.self) { [self] _, _ in
            let run = state.withLock { state -> ClaimedRun? in
                guard !state.waiting.isEmpty else { return nil }
                state.run += 1
                state.inHand = state.waiting.removeFirst()
                return state.inHand
            }
            if run != nil { passed("claimed") }
            return ClaimRun.Response(run: run)
        }
        router.register(RenewLease.self) { _, _ in RenewLease.Response(cancelRequested: false) }
        router.register(FinishRun.self) { [self] request, _ in
            passed("reported")
            let (run, isOver) = state.withLock { state in
                state.result.outcome = "\(request.report.outcome.rawValue) \(request.report.reason)"
                return (state.inHand, state.waiting.isEmpty)
            }
            if let monitor, let run {
                try await Self.tell(monitor, of: request.report, run, at: now())
                passed("receipt")
            }
            if isOver { end() }
            return FinishRun.Response(finishedAt: Instant(milliseconds: 0))
        }
        return InProcessCaller(router, as: .service(name: "importer", instance: "1"))
    }

    private func end() -> Never {
        state.withLock { state in
            state.result.peakKB = Clocks.peakKB
            let line = (try? JSON.encode(state.result)) ?? []
            print(String(decoding: line, as: UTF8.self))
        }
        fflush(nil)
        _exit(0)
    }
}

/// The monitor, and what it found.
struct JudgedMonitor: RPCCaller {
    private let monitor: any RPCCaller
    private let course: Course

    init(_ monitor: any RPCCaller, _ course: Course) {
        self.monitor = monitor
        self.course = course
    }

    func call<Request: RPCRequest>(
        _ request: Request, options: CallOptions
    ) async throws(ServiceError) -> Request.Response {
        let response = try await monitor.call(request, options: options)
        if let question = request as? JudgeImport, let answer = response as? JudgeImport.Response {
            course.judged(answer.verdict, on: question.evidence)
        }
        return response
    }

    func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response {
        try await monitor.stream(request, options: options, onItem: onItem)
    }
}

/// What the machine says about this process.
enum Clocks {
    static var wall: Double { seconds(CLOCK_MONOTONIC) }
    static var processor: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static var peakKB: Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        while fgets(&line, 200, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("VmHWM:") { return Int(text.filter(\.isNumber)) ?? 0 }
        }
        return 0
    }
}
