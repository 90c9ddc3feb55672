import GRDB
import Persistence
import SchedulerAPI
import Testing

@testable import SchedulerService

/// How a connection asks for its source's pages, and who decides it.
@Suite struct PagingChoiceTests {
    @Test func `a new connection reads by key unless told otherwise, and keeps its way when nothing is said of it`()
        async throws
    {
        let scheduler = try SchedulerFixture()
        for (chosen, kept) in [(nil, .keyset), (.keyset, .keyset), (.offset, .offset)]
            as [(Reading.Paging?, Reading.Paging)]
        {
            let merchant = try await scheduler.addMerchant(chosen?.rawValue ?? "nothing said")
            let request = CreateConnection(
                merchantID: merchant, sourceID: try await scheduler.addSystem(.sapBusinessOne, of: merchant),
                targetID: try await scheduler.addSystem(.genericWebshop, of: merchant),
                settings: ConnectionSettings(reading: Reading(paging: chosen)), schedule: .manual)
            let id = try await scheduler.call(request).connection.connectionID
            let made = try await scheduler.call(DescribeConnection(connectionID: id))
            #expect(made.settings.reading.paging == kept)
            // Neither a change of something else nor of nothing touches it.
            var silent = made.settings
            silent.reading.paging = nil
            try await scheduler.call(UpdateConnection(connectionID: id, settings: silent, reason: "nothing"))
            #expect(try await scheduler.call(DescribeConnection(connectionID: id)).settingsVersion == 1)
            silent.reading.pageSize = 50
            try await scheduler.call(UpdateConnection(connectionID: id, settings: silent, reason: "smaller pages"))
            let changed = try await scheduler.call(DescribeConnection(connectionID: id))
            #expect(changed.settings.reading == Reading(paging: kept, pageSize: 50))
            #expect(changed.settingsVersion == 2)
        }
    }

    @Test func `settings that were stored without a way of paging go on by offset, under their version`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.database.write { db in
            try db.execute(
                sql: "UPDATE connectionSettings SET settings = json_remove(settings, '$.reading.paging')")
        }
        let stored = try await scheduler.call(DescribeConnection(connectionID: connection))
        #expect(stored.settings.reading.paging == nil)
        #expect(stored.settings.reading.pagingInForce == .offset)
        try await scheduler.call(UpdateConnection(connectionID: connection, settings: stored.settings, reason: "x"))
        #expect(try await scheduler.call(DescribeConnection(connectionID: connection)) == stored)
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        #expect(try await scheduler.claim()?.settings == stored.settings)
    }
}
