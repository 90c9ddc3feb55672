import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct SettingsVersionTests {
    @Test func `each change of the settings is a version that can be seen and saved again`() async throws {
        let scheduler = try SchedulerFixture()
        let id = try await scheduler.addConnection().connectionID
        let first = try await scheduler.call(DescribeConnection(connectionID: id)).settings
        for size in [100, 200] {
            var settings = first
            settings.reading.pageSize = size
            scheduler.advance(by: 60)
            _ = try await scheduler.call(
                UpdateConnection(connectionID: id, settings: settings, reason: "Pages of \(size)"))
        }
        let versions = try await scheduler.call(ListSettings(connectionID: id)).versions
        #expect(versions.map(\.version) == [3, 2, 1])
        #expect(versions.map(\.settings.reading.pageSize) == [200, 100, first.reading.pageSize])
        #expect(versions.map(\.reason) == ["Pages of 200", "Pages of 100", "created"])
        #expect(versions[0].changedAt - versions[1].changedAt == .seconds(60))

        let page = try await scheduler.call(ListSettings(connectionID: id, limit: 1, before: 3)).versions
        #expect(page.map(\.version) == [2])
        let old = try #require(try await scheduler.call(ListSettings(connectionID: id, version: 1)).versions.first)
        #expect(old.settings == first)
        _ = try await scheduler.call(UpdateConnection(connectionID: id, settings: old.settings, reason: "Back"))
        #expect(try await scheduler.call(DescribeConnection(connectionID: id)).settings == first)
        #expect(try await scheduler.call(ListSettings(connectionID: id)).versions.first?.version == 4)
    }

    @Test func `versions of nothing, and too many at once, are refused`() async throws {
        let scheduler = try SchedulerFixture()
        let id = try await scheduler.addConnection().connectionID
        for request in [ListSettings(connectionID: .example), ListSettings(connectionID: id, limit: 51)] {
            await #expect(throws: (any Error).self) { try await scheduler.call(request) }
        }
        #expect(try await scheduler.call(ListSettings(connectionID: id, version: 9)).versions.isEmpty)
    }
}
