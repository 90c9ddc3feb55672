import Connectors
import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// A shop that does not stage: what is published, and what is not.
@Suite(.serialized) struct DirectPublishingTests {
    @Test func `the whole set is published row by row, and once more changes nothing`() async throws {
        // Several batches of each module.
        try await ImportFixture.with(items: 240) { fixture in
            let report = try #require(try await fixture.push())
            #expect(report.outcome == .published)
            let pushed = try #require(report.pushed)
            #expect(pushed.planned == report.publication.reduce(0) { $0 + $1.created })
            #expect(pushed.applied == pushed.planned)
            #expect(pushed.live == pushed.planned)
            #expect(report.checksMade.contains("check_read_back_count"))
            #expect(report.checksMade.contains("check_read_back_keys"))
            try await fixture.expectDirectShopShowsSource()
            let before = try await fixture.directShop()
            #expect(try await fixture.push(token: 2)?.outcome == .unchanged)
            #expect(try await fixture.directShop() == before)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    @Test func `only what differs travels, removals included, and modules may run alone`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            let products = try #require(try await fixture.push([.products], token: 2))
            #expect(products.publication.map(\.module) == [.products])
            #expect(products.publication.map(\.mode) == ["delta"])
            #expect(products.publication.map(\.created) == [1])
            #expect(products.publication.map(\.removed) == [2])
            #expect(products.pushed?.planned == 3)
            #expect(try await fixture.push(token: 3)?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `an importer that never published compares with the shop row by row`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            let sibling = try fixture.sibling()
            let report = try #require(try await sibling.push(token: 2))
            #expect(report.outcome == .published)
            #expect(report.publication.map(\.mode) == ["full", "full", "full"])
            #expect(report.publication.map(\.created).first == 1)
            #expect(report.publication.map(\.removed).first == 2)
            #expect(report.publication.map(\.updated).first == 0)
            try await fixture.expectDirectShopShowsSource()
            #expect(try await sibling.push(token: 3)?.outcome == .unchanged)
            // The first importer sees that its set is not what the shop shows, and finds nothing to do.
            let back = try #require(try await fixture.push(token: 4))
            #expect(back.pushed?.planned == 0)
        }
    }

    @Test func `what somebody changed by hand is noticed and put right by the next run`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let key = try await fixture.editByHand()
            let report = try #require(try await fixture.push(token: 2))
            #expect(report.outcome == .published)
            #expect(report.pushed?.planned == 1)
            #expect(try await fixture.directRow("products", key)?.contains("By hand") == false)
            try await fixture.expectDirectShopShowsSource()
            #expect(try await fixture.push(token: 3)?.outcome == .unchanged)
        }
    }

    @Test func `an edit of a row that is not published, made meanwhile, is noticed by the next run`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "41.5"))
            let hasEdited = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/prices/batch"), request.hasRows,
                    !hasEdited.withLock({ exchange(&$0, with: true) })
                {
                    _ = try? await fixture.editByHand()
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.push(token: 2, with: importer)?.outcome == .published)
            #expect(hasEdited.withLock { $0 })
            #expect(try await fixture.push(token: 3)?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `a reader sees each row as it was or as it will be, and nothing else`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await Self.rows(fixture)
            try await fixture.changeSource(price: "41.5")
            let seen = Mutex<Set<String>>([])
            let looks = Mutex(0)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.contains("/direct/"), let rows = try? await Self.rows(fixture) {
                    seen.withLock { $0.formUnion(rows) }
                    looks.withLock { $0 += 1 }
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.push(token: 2, with: importer)?.outcome == .published)
            let after = try await Self.rows(fixture)
            #expect(looks.withLock { $0 } > 10)
            #expect(before != after)
            #expect(seen.withLock { $0 }.isSubset(of: before.union(after)))
        }
    }

    private static func rows(_ fixture: ImportFixture) async throws -> Set<String> {
        var rows: Set<String> = []
        for dataset in ["products", "prices", "stock"] {
            rows.formUnion(
                try await fixture.sandbox.call(ListShopRows(system: "direct", dataset: dataset, limit: 500)).rows)
        }
        return rows
    }

    @Test func `the verdict must still hold when the first row is sent`() async throws {
        let clock = Mutex<ManualClock?>(nil)
        let late = CrashPoints { point in
            if point == CrashPoint.compared.rawValue { clock.withLock { $0 }?.advance(by: .seconds(24 * 3600)) }
        }
        try await ImportFixture.with(items: 30, crashPoints: late) { fixture in
            clock.withLock { $0 = fixture.clock }
            let report = try #require(try await fixture.push())
            #expect(report.outcome == .failed)
            #expect(report.failure == .internal)
            #expect(report.pushed?.applied == 0)
            #expect(try await fixture.directShop().datasets.allSatisfy { $0.count == 0 })
            #expect(try await fixture.unfinishedJournals().allSatisfy { $0 == .reverted })
        }
    }

    @Test func `a shop that keeps no rows is probed for writing before anything is read`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            try await fixture.misbehave(.missingRights, on: "direct") { $0.target = "catalog:write" }
            let report = try #require(try await fixture.push())
            #expect(report.outcome == .failed)
            #expect(report.failure == .rights)
            #expect(report.read == 0)
        }
    }
}

extension HTTPRequest {
    /// Whether it writes rows; a probe writes none.
    var hasRows: Bool {
        guard case .bytes(let bytes) = body else { return false }
        return bytes.count > 100
    }
}
