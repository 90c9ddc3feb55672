import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct MerchantTests {
    @Test func `a merchant is created on, and found by name, number or id`() async throws {
        let scheduler = try SchedulerFixture()
        let created = try await scheduler.call(
            CreateMerchant(name: " Nordlys Lamper ApS ", number: "10042", language: .danish, timeZone: "Europe/Dublin")
        ).merchant
        #expect(created.name == "Nordlys Lamper ApS")
        #expect(created.isOn)
        try await scheduler.call(CreateMerchant(name: "Anden", language: .english, timeZone: "UTC"))
        for query in ["nordlys", "1004", "\(created.merchantID)"] {
            #expect(try await scheduler.call(ListMerchants(query: query)).merchants == [created])
        }
        #expect(try await scheduler.call(ListMerchants()).merchants.map(\.name) == ["Anden", "Nordlys Lamper ApS"])
        #expect(try await scheduler.call(ListMerchants(afterName: "anden")).merchants == [created])
        #expect(try await scheduler.call(ListMerchants(query: "%")).merchants.isEmpty)
    }

    @Test func `a name that is taken is refused with the id of who has it`() async throws {
        let scheduler = try SchedulerFixture()
        let id = try await scheduler.addMerchant("Nordlys")
        do {
            try await scheduler.call(CreateMerchant(name: "NORDLYS", language: .danish, timeZone: "UTC"))
            Issue.record("It was not refused.")
        } catch {
            #expect(error.status == .alreadyExists)
            #expect(error.reason == "name_taken")
            #expect(error.references["id"] == "\(id)")
        }
    }

    @Test(arguments: [
        CreateMerchant(name: "", language: .danish, timeZone: "UTC"),
        CreateMerchant(name: String(repeating: "x", count: 101), language: .danish, timeZone: "UTC"),
        CreateMerchant(name: "A", number: "", language: .danish, timeZone: "UTC"),
        CreateMerchant(name: "A", language: .danish, timeZone: "Copenhagen"),
    ])
    func `a merchant outside the bounds is refused`(request: CreateMerchant) async throws {
        let scheduler = try SchedulerFixture()
        await expectRefusal(.invalidArgument) { try await scheduler.call(request) }
    }

    @Test func `a system needs an address over https and a merchant`() async throws {
        let scheduler = try SchedulerFixture()
        let merchant = try await scheduler.addMerchant()
        var request = CreateSystem(
            merchantID: merchant, name: "SAP", kind: .sapBusinessOne, baseURL: "http://sap.example.dk",
            credentials: SchedulerFixture.sealed)
        await expectRefusal(.invalidArgument, "invalid_base_url") { try await scheduler.call(request) }
        request.baseURL = "https://sap.example.dk"
        request.credentials.ciphertext = ""
        await expectRefusal(.invalidArgument, "invalid_settings") { try await scheduler.call(request) }
        request.credentials = SchedulerFixture.sealed
        request.options = ["": "x"]
        await expectRefusal(.invalidArgument, "invalid_settings") { try await scheduler.call(request) }
        for options in [nil, [:], ["companyDatabase": ""]] as [[String: String]?] {
            request.options = options
            await expectRefusal(.invalidArgument, "system_lacks_option") { try await scheduler.call(request) }
        }
        request.options = ["companyDatabase": "SBODEMO"]
        #expect(try await scheduler.call(request).system.sealedTo == "importer-1")
        await expectRefusal(.alreadyExists, "name_taken") { try await scheduler.call(request) }
        request.merchantID = .example
        await expectRefusal(.notFound, "unknown_merchant") { try await scheduler.call(request) }
    }

    @Test func `a new address needs credentials sealed to it`() async throws {
        let scheduler = try SchedulerFixture()
        let merchant = try await scheduler.addMerchant()
        let system = try await scheduler.addSystem(.sapBusinessOne, of: merchant)
        var update = UpdateSystem(systemID: system, baseURL: "https://sap2.example.dk", reason: "Moved")
        await expectRefusal(.invalidArgument, "credentials_needed_for_new_address") {
            try await scheduler.call(update)
        }
        update.credentials = SealedText(keyID: "importer-2", encapsulatedKey: "AAAA", ciphertext: "BBBB")
        let moved = try await scheduler.call(update).system
        #expect(moved.baseURL == "https://sap2.example.dk")
        #expect(moved.sealedTo == "importer-2")
        let changes = try await scheduler.call(ListChanges(merchantID: merchant)).changes
        try await scheduler.call(update)
        #expect(try await scheduler.call(ListChanges(merchantID: merchant)).changes == changes)
    }

    @Test func `a connection joins a source and a target of its own merchant`() async throws {
        let scheduler = try SchedulerFixture()
        let ours = try await scheduler.addMerchant("Ours")
        let theirs = try await scheduler.addMerchant("Theirs")
        let sap = try await scheduler.addSystem(.sapBusinessOne, of: ours)
        let shop = try await scheduler.addSystem(.genericWebshop, of: ours)
        let foreign = try await scheduler.addSystem(.genericWebshop, of: theirs)
        func create(_ source: SystemID, _ target: SystemID) -> CreateConnection {
            CreateConnection(merchantID: ours, sourceID: source, targetID: target, schedule: .manual)
        }
        await expectRefusal(.invalidArgument, "system_of_another_merchant") {
            try await scheduler.call(create(sap, foreign))
        }
        await expectRefusal(.invalidArgument, "system_is_no_source") { try await scheduler.call(create(shop, shop)) }
        await expectRefusal(.invalidArgument, "system_is_no_target") { try await scheduler.call(create(sap, sap)) }
        await expectRefusal(.notFound, "unknown_system") { try await scheduler.call(create(sap, .example)) }
        let made = try await scheduler.call(create(sap, shop)).connection
        #expect(made.label == "Our SAP > Our shop")
        #expect(made.isOn)
        #expect(made.effectiveState.reason == .manualOnly)
        await expectRefusal(.alreadyExists, "name_taken") { try await scheduler.call(create(sap, shop)) }
    }

    @Test func `settings are versioned, and a run takes those of the moment it is claimed`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        var settings = ConnectionSettings()
        settings.reading = Reading(paging: .keyset, pageSize: 100)
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        scheduler.advance(by: 10)
        try await scheduler.call(
            UpdateConnection(connectionID: connection, settings: settings, reason: "Pages that do not move"))
        let described = try await scheduler.call(DescribeConnection(connectionID: connection))
        #expect(described.settings == settings)
        #expect(described.settingsVersion == 2)
        #expect(described.settingsChangedBy == "operator anna")
        #expect(described.settingsChangedAt == scheduler.now)
        #expect(try await scheduler.claim()?.settings == settings)
        settings.reading.pageSize = 5_001
        await expectRefusal(.invalidArgument, "number_out_of_range") {
            try await scheduler.call(UpdateConnection(connectionID: connection, settings: settings, reason: "x"))
        }
    }

    @Test func `jobs are described in the caller's language`() async throws {
        let scheduler = try SchedulerFixture()
        try await scheduler.addConnection(.cron("0 6 * * *"))
        let danish = try await scheduler.operatorAnna.call(ListJobs(), options: CallOptions(language: .danish))
        #expect(danish.jobs.first?.scheduleInWords == "hver dag kl. 06:00 (Europe/Copenhagen)")
        let english = try await scheduler.call(ListJobs())
        #expect(english.jobs.first?.scheduleInWords == "every day at 06:00 (Europe/Copenhagen)")
    }

    @Test func `connections are listed page by page`() async throws {
        let scheduler = try SchedulerFixture()
        var made: [ConnectionID] = []
        for name in ["C", "A", "B"] { made.append(try await scheduler.addConnection(merchant: name).connectionID) }
        #expect(try await scheduler.call(ListConnections()).connections.map(\.connectionID) == made)
        let page = try await scheduler.call(ListConnections(limit: 1, after: made[0])).connections
        #expect(page.map(\.connectionID) == [made[1]])
        #expect(try await scheduler.call(ListJobs(limit: 5, after: made[1])).jobs.map(\.connectionID) == [made[2]])
    }
}
