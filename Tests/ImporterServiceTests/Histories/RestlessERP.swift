import CoreTypes
import RPC
import SandboxAPI
import TestSupport

@testable import ImporterService

/// The simulated ERP, with people at work in it: before each request for items it may change, by one seed.
///
/// It notes what the ERP's own list for people shows after each change: that is the truth a published set is held against.
actor RestlessERP {
    /// Prices of the first list by item, of all items that can be sold.
    typealias Moment = [String: String]

    /// How often something happens before a request, in per cent, and whether items come and go or are edited only.
    var changesPercent = 0
    var editsOnly = false
    /// Since the run began; a new one with each change.
    private(set) var moments: [Moment] = []
    /// What was asked for since the run began, with the moment it was answered at.
    private(set) var looks: [(look: SourceLook, moment: Int)] = []
    /// What went wrong with the test itself.
    private(set) var failure: (any Error)?

    private let sandbox: any RPCCaller
    private let clock: ManualClock
    private let randomness: Randomness
    private var gone: [String] = []
    private var newest: [String] = []
    private var made = 0

    init(_ fixture: ImportFixture, _ randomness: Randomness) {
        sandbox = fixture.sandbox
        clock = fixture.clock
        self.randomness = randomness
    }

    func draw(_ below: Int) -> Int { Int(randomness.next() % UInt64(max(1, below))) }

    func beginRun(changesPercent: Int, editsOnly: Bool) async throws {
        (self.changesPercent, self.editsOnly) = (changesPercent, editsOnly)
        (moments, looks) = ([], [])
        try await noteMoment()
    }

    /// To be called before a request is sent; the one before it has been answered by then.
    func goOn(before url: String) async {
        guard let look = SourceLook(url) else { return }
        do {
            if draw(100) < changesPercent {
                for _ in 0...draw(2) { try await change() }
            }
        } catch {
            failure = error
        }
        looks.append((look, moments.count - 1))
    }

    // MARK: What happened

    var isStill: Bool { moments.count <= 1 }

    /// Since the run began.
    var truth: SourceTruth<String> { SourceTruth(moments.map { Set($0.keys) }) }

    /// Since the token was asked for that the last reading began with.
    var momentsOfLastReading: [Moment] {
        let page = looks.lastIndex { $0.look == .page } ?? 0
        let count = looks[...page].lastIndex { $0.look != .page } ?? 0
        let token = looks[...count].lastIndex { $0.look != .count } ?? 0
        return Array(moments[(looks.isEmpty ? 0 : looks[token].moment)...])
    }

    /// Whether the keys were looked at once more after the last page.
    var wasSwept: Bool {
        guard let sweep = looks.lastIndex(where: { $0.look == .sweep }) else { return false }
        return sweep > looks.lastIndex { $0.look == .page } ?? 0
    }

    // MARK: Changes

    private func change() async throws {
        // Now and then within the second of the change before, which is all the source tells of its time.
        clock.advance(by: .seconds(draw(4) == 0 ? 0 : 1 + draw(2)))
        let keys = (moments.last ?? [:]).keys.sorted()
        let kind = draw(10)
        if editsOnly || kind < 4 {
            try await edit(keys)
        } else {
            switch kind {
            case 4: try await delete(keys)
            // What somebody has just created is taken out again.
            case 5: try await delete(newest.suffix(1))
            case 6, 7: try await insert(keys)
            case 8: try await restore()
            default:
                // One goes and one comes, so that every count stays as it was.
                try await delete(keys)
                try await insert(keys)
            }
        }
        try await noteMoment()
    }

    private func edit(_ keys: [String]) async throws {
        guard !keys.isEmpty else { return }
        _ = try await sandbox.call(EditItems(system: "sap", codes: [keys[draw(keys.count)]]))
    }

    private func delete(_ keys: some Collection<String>) async throws {
        guard !keys.isEmpty else { return }
        let key = Array(keys)[draw(keys.count)]
        _ = try await sandbox.call(DeleteItem(system: "sap", code: key))
        newest.removeAll { $0 == key }
        gone.append(key)
        try await noteMoment()
    }

    /// Anywhere in the order of keys: right behind one that is there.
    private func insert(_ keys: [String]) async throws {
        made += 1
        try await add((keys.isEmpty ? "N" : keys[draw(keys.count)].prefix(20)) + "-\(made)")
    }

    private func restore() async throws {
        guard !gone.isEmpty else { return }
        try await add(gone.remove(at: draw(2) == 0 ? gone.count - 1 : draw(gone.count)))
    }

    private func add(_ key: String) async throws {
        _ = try await sandbox.call(
            AddItem(system: "sap", code: key, name: "Vare \(key)", price: "\(10 + draw(90)).\(1 + draw(9))"))
        newest.append(key)
    }

    private func noteMoment() async throws {
        let items = try await sandbox.call(ListItems(system: "sap", limit: 500)).items.filter(\.sellable)
        let moment = Moment(items.map { ($0.code, $0.prices["1"] ?? "") }) { $1 }
        if moment != moments.last { moments.append(moment) }
    }
}
