import CoreTypes
import ImporterAPI
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import ServiceRuntime
import TestSupport
import Testing

@testable import ImporterService

/// What somebody has set up wrongly is told as that, by a run, a probe and a trial alike, and never as the ERP's fault.
@Suite struct SettingsFaultTests {
    /// The last step of a probe of a system.
    private func probe(_ access: SystemAccess, _ fixture: ImportFixture, _ service: ImporterService) async throws
        -> ProbeStep
    {
        fixture.scheduler.change { $0.systems = [access] }
        let importer = InProcessCaller(service.router, as: .operator(name: "anna"))
        return try #require(try await importer.call(ProbeSystem(systemID: access.systemID)).steps.last)
    }

    private func run(
        _ fixture: ImportFixture, with service: ImporterService, _ change: @Sendable (inout ClaimedRun) throws -> Void
    ) async throws -> RunReport {
        var claim = try fixture.claim()
        try change(&claim)
        let due = claim
        fixture.scheduler.change { $0.due.append(due) }
        _ = try await service.claims.pass()
        let report = try #require(fixture.scheduler.lastReport)
        #expect(report.outcome == .failed)
        #expect(try fixture.stagingFiles().isEmpty)
        return report
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Reading.Paging.offset, .keyset])
    func `a field that is spelt wrong in the mapping is named, before anything is read`(
        paging: Reading.Paging
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            var settings = ConnectionSettings.paged(paging)
            settings.mapping.products.barcode = "BarCod"
            let report = try #require(try await fixture.run(settings: settings))
            #expect((report.failure, report.reason) == (.settings, "run_failed_mapping"))
            #expect(report.arguments["field"] == "BarCod")
            #expect(report.arguments["system"] == "Our SAP")
            #expect(report.arguments["detail"]?.contains("Property 'BarCod' of 'Item' is invalid") == true)
            #expect(report.countBefore == nil)
            settings.mapping.products.barcode = "BarCode"
            #expect(try await fixture.run(token: 2, settings: settings)?.outcome == .published)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["Valdi eq 'tYES'", "Valid eq", "Valid eq 'tYES' and"])
    func `a filter that the source does not take is what is wrong, in a run and while it is tried`(
        filter: String
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            var settings = ConnectionSettings.small
            settings.reading.filter = filter
            let report = try #require(try await fixture.run(settings: settings))
            #expect((report.failure, report.reason) == (.settings, "run_failed_filter"))
            #expect(report.arguments["filter"] == filter)
            let source = try fixture.source()
            fixture.scheduler.change { $0.systems = [source] }
            let importer = InProcessCaller(try await fixture.importer().router, as: .operator(name: "anna"))
            let tried = try await importer.call(TryMapping(systemID: source.systemID, settings: settings))
            let step = try #require(tried.steps.last)
            #expect((step.failure, step.reason) == (.settings, "run_failed_filter"))
            #expect(step.arguments == ["filter": filter])
            #expect(step.detail == report.arguments["detail"])
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("companyDatabase", ""), ("serviceLayer", "v3"),
        ])
    func `an option that is missing or cannot be is named, and no login is tried`(
        option: String, value: String
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let sender = CountingSender(HTTPClient(HTTPClientConfiguration(fixture.configuration)))
            let service = try await fixture.importer(sending: sender)
            let source = try fixture.source(options: [option: value])
            let report = try await run(fixture, with: service) { $0.source = source }
            #expect((report.failure, report.reason) == (.settings, "run_failed_option"))
            #expect(report.arguments["option"] == option)
            let step = try await probe(source, fixture, service)
            #expect((step.name, step.failure, step.reason) == ("settings", .settings, "run_failed_option"))
            #expect(step.arguments == ["option": option])
            #expect(sender.urls.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `credentials sealed to a key that was replaced say so, and are not said to be refused`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let service = try await fixture.importer()
            var lost = try fixture.source()
            lost.credentials.keyID = "replaced"
            let source = lost
            let report = try await run(fixture, with: service) { $0.source = source }
            #expect((report.failure, report.reason) == (.login, "run_failed_sealed_otherwise"))
            let step = try await probe(source, fixture, service)
            #expect((step.failure, step.reason) == (.login, "run_failed_sealed_otherwise"))
            #expect(step.detail?.contains("replaced") == true)
            var shop = try fixture.target()
            shop.credentials.keyID = "replaced"
            #expect(try await probe(shop, fixture, service).reason == "run_failed_sealed_otherwise")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `credentials given for another address, or without a user, are to be entered again`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let service = try await fixture.importer()
            var moved = try fixture.source()
            moved.baseURL += "x"
            let userless = try fixture.access(
                1, "Our SAP", .sapBusinessOne, "sap", ["companyDatabase": "SBODEMO"], ["password": "sandbox"])
            for source in [moved, userless] {
                let step = try await probe(source, fixture, service)
                #expect((step.failure, step.reason) == (.login, "run_failed_credentials"))
            }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `an address the operator does not allow is named as that, for an ERP and for a shop`(
        isSource: Bool
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            var configuration = fixture.configuration
            configuration.privateAddresses = []
            let service = try await ImporterService(
                configuration, fixture.environment,
                router: Router(service: "importer", randomness: fixture.environment.randomness),
                scheduler: fixture.scheduler.caller, monitor: fixture.monitor)
            let step = try await probe(isSource ? fixture.source() : fixture.target(), fixture, service)
            #expect((step.failure, step.reason) == (.connection, "run_failed_private_address"))
            let address = try #require(step.arguments?["address"])
            #expect(["127.0.0.1", "::1"].contains(address))
            guard isSource else { return }
            let report = try await run(fixture, with: service) { _ in }
            #expect((report.failure, report.reason) == (.connection, "run_failed_private_address"))
            #expect(report.arguments["address"] == address)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a probe speaks of a shop as a run does`() async throws {
        try await ImportFixture.with(items: 0) { fixture in
            let service = try await fixture.importer()
            for (fault, reason) in [
                (FaultKind.refuseLogin, "run_failed_login_shop"), (.otherVersion, "run_failed_version_shop"),
                (.maintenance, "run_failed_maintenance"),
            ] {
                try await fixture.misbehave(fault, on: "shop")
                #expect(try await probe(fixture.target(), fixture, service).textKey == reason)
                try await fixture.repair("shop")
            }
            try await fixture.misbehave(.refuseLogin)
            #expect(try await probe(fixture.source(), fixture, service).textKey == "run_failed_login")
        }
    }
}
