import CoreTypes
import FoundationEssentials
import Outbound
import RPC
import Synchronization
import TestSupport

/// The death of a process at a crash point, as far as anything outside it can tell: what its files held at that moment is
/// copied, and nothing it does afterwards gets out. Real kills are in SystemTests.
final class Death: Sendable {
    private struct State {
        var folder: String?
        var isDead = false
        var passages = 0
        var failure: (any Error)?
    }

    private let point: String
    private let passage: Int
    private let state = Mutex(State())
    /// What the process leaves behind.
    let remains: TemporaryFolder

    /// - Parameter passage: The how many-th time the point is passed, from 1.
    init(at point: String, passage: Int = 1) throws {
        self.point = point
        self.passage = passage
        remains = try TemporaryFolder("sluice-remains")
    }

    var isDead: Bool { state.withLock { $0.isDead } }

    /// - Parameter folder: Where the process keeps its files.
    func lurk(over folder: String) { state.withLock { $0.folder = folder } }

    var crashPoints: CrashPoints {
        CrashPoints { [self] reached in
            guard reached == point else { return }
            state.withLock { state in
                guard !state.isDead, let folder = state.folder else { return }
                state.passages += 1
                guard state.passages == passage else { return }
                state.isDead = true
                do {
                    try copy(folder, to: remains.path)
                } catch {
                    state.failure = error
                }
            }
        }
    }

    func checkCopied() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Everything but the shared-memory files, which every process makes anew.
    private func copy(_ folder: String, to other: String) throws {
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix("-shm") {
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
            if isFolder {
                try copy("\(folder)/\(name)", to: "\(other)/\(name)")
            } else {
                try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(other)/\(name)")
            }
        }
    }
}

/// Sends until death.
struct MortalSender: HTTPSending {
    let sender: any HTTPSending
    let death: Death

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        if death.isDead { throw .connection(detail: "the process is dead") }
        return try await sender.send(request)
    }
}

/// Calls until death.
struct MortalCaller: RPCCaller {
    let caller: any RPCCaller
    let death: Death

    func call<Request: RPCRequest>(
        _ request: Request, options: CallOptions
    ) async throws(ServiceError) -> Request.Response {
        if death.isDead { throw ServiceError(.internal, reason: "dead") }
        return try await caller.call(request, options: options)
    }

    func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response {
        try await caller.stream(request, options: options, onItem: onItem)
    }
}
