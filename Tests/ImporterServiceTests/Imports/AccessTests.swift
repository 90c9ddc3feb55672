import CoreTypes
import ImporterAPI
import Keys
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import ServiceRuntime
import Testing

@testable import ImporterService

/// Pre-flight: each class of failure is told apart, before anything is staged.
@Suite struct AccessTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fault: Fault
        var system = "sap"
        var failure: FailureClass
        var testDescription: String { "\(system) \(fault.kind) is \(failure)" }
    }

    static let cases: [Case] = [
        Case(fault: Fault(.offline), failure: .connection),
        Case(fault: Fault(.refuseLogin), failure: .login),
        Case(fault: Fault(.missingRights, target: "Items"), failure: .rights),
        Case(fault: Fault(.maintenance), failure: .maintenance),
        Case(fault: Fault(.offline), system: "shop", failure: .connection),
        Case(fault: Fault(.refuseLogin), system: "shop", failure: .login),
        Case(fault: Fault(.missingRights), system: "shop", failure: .rights),
        Case(fault: Fault(.maintenance), system: "shop", failure: .maintenance),
    ]

    @Test(arguments: cases)
    func `a system that cannot be used fails the run with its class and stages nothing`(wrong: Case) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop()
            _ = try await fixture.sandbox.call(Misbehave(system: wrong.system, fault: wrong.fault))
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.outcome == .failed)
            #expect(report.failure == wrong.failure)
            #expect(report.reason == "run_failed_\(wrong.failure.rawValue)")
            #expect(report.arguments["system"] == (wrong.system == "sap" ? "Our SAP" : "Our shop"))
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            try await fixture.repair(wrong.system)
            #expect(try await fixture.shop().digest == before.digest)
        }
    }

    @Test func `wrong credentials are sent once and never in a report`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            var claim = try fixture.claim()
            claim.source = try fixture.source(password: "hemmelig-1234")
            let wrong = claim
            fixture.scheduler.change { $0.due.append(wrong) }
            let sender = CountingSender(HTTPClient(HTTPClientConfiguration(fixture.configuration)))
            _ = try await fixture.importer(sending: sender).claims.pass()
            let report = try #require(fixture.scheduler.lastReport)
            #expect(report.failure == .login)
            #expect(!"\(report)".contains("hemmelig-1234"))
            #expect(sender.urls.filter { $0.hasSuffix("/Login") }.count == 1)
        }
    }

    @Test func `credentials sealed for another address do not open`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            var claim = try fixture.claim()
            claim.source.baseURL += "x"
            let moved = claim
            fixture.scheduler.change { $0.due.append(moved) }
            _ = try await fixture.importer().claims.pass()
            #expect(fixture.scheduler.lastReport?.failure == .login)
        }
    }

    @Test func `an address in a private range is refused unless the operator allows it`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            var configuration = fixture.configuration
            configuration.privateAddresses = []
            let service = try await ImporterService(
                configuration, fixture.environment,
                router: Router(service: "importer", randomness: fixture.environment.randomness),
                scheduler: fixture.scheduler.caller, monitor: fixture.monitor)
            let report = try #require(try await fixture.run(with: service))
            #expect(report.failure == .connection)
        }
    }

    @Test func `a probe names its steps and stops at the first fault`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let access = try fixture.source()
            let shop = try fixture.target()
            fixture.scheduler.change { $0.systems = [access, shop] }
            let importer = InProcessCaller(try await fixture.importer().router, as: .operator(name: "anna"))
            let fine = try await importer.call(ProbeSystem(systemID: access.systemID))
            #expect(fine.steps.map(\.name) == ["reach", "login", "count Items", "read Items"])
            #expect(fine.steps.allSatisfy { $0.failure == nil })
            let shopSteps = try await importer.call(ProbeSystem(systemID: shop.systemID)).steps
            #expect(
                shopSteps.map(\.name) == ["reach", "login", "read products", "read prices", "read stock", "imports"])
            try await fixture.misbehave(.refuseLogin)
            let refused = try await importer.call(ProbeSystem(systemID: access.systemID))
            #expect(refused.steps.map(\.name) == ["reach", "login"])
            #expect(refused.steps.last?.failure == .login)
        }
    }

    @Test func `a system nobody knows cannot be probed`() async throws {
        try await ImportFixture.with(items: 0) { fixture in
            let importer = InProcessCaller(try await fixture.importer().router, as: .operator(name: "anna"))
            await #expect {
                _ = try await importer.call(ProbeSystem(systemID: .example))
            } throws: { ($0 as? ServiceError)?.status == .notFound }
        }
    }

    @Test func `the public sealing key is the one credentials open with`() async throws {
        try await ImportFixture.with(items: 0) { fixture in
            let importer = InProcessCaller(try await fixture.importer().router, as: .operator(name: "anna"))
            #expect(try await importer.call(FetchSealingKey()).keyID == fixture.sealing.id)
        }
    }

    @Test func `every request is answered`() async throws {
        try await ImportFixture.with(items: 0) { fixture in
            let methods = try await fixture.importer().router.methods
            #expect(methods == Set(ImporterAPI.requests.map { $0.method }))
        }
    }
}
