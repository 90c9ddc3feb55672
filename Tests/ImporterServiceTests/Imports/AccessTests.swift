import CoreTypes
import ImporterAPI
import Keys
import Outbound
import Persistence
import RPC
import SandboxAPI
import SandboxService
import SchedulerAPI
import ServiceRuntime
import TLS
import Testing

@testable import ImporterService

/// Pre-flight: each class of failure is told apart, before anything is staged. The words and who can act, for each of these
/// reasons in both languages, are in TextsTests.
@Suite struct AccessTests {
    struct Case: Sendable, CustomStringConvertible {
        var fault: Fault
        var system = "sap"
        var failure: FailureClass
        /// A part of what the system said.
        var detail = ""

        var description: String {
            let more = [fault.target, fault.count.map { "\($0)" }].compactMap(\.self).joined(separator: " ")
            return "\(system) \(fault.kind) \(more) is \(failure)"
        }
    }

    static let cases: [Case] =
        ["sap", "shop", "direct"].flatMap { system in
            [
                Case(fault: Fault(.offline), system: system, failure: .connection),
                Case(fault: Fault(.refuseLogin), system: system, failure: .login),
                Case(fault: Fault(.missingRights), system: system, failure: .rights),
                Case(fault: Fault(.maintenance), system: system, failure: .maintenance),
                Case(fault: Fault(.hang), system: system, failure: .timeout, detail: "no answer in time"),
                Case(fault: Fault(.otherVersion), system: system, failure: .version),
                Case(fault: Fault(.otherVersion, count: 410), system: system, failure: .version),
                Case(fault: Fault(.otherVersion, count: 501), system: system, failure: .version),
            ]
        }
        + ["Items", "ItemPrices", "ItemWarehouseInfoCollection"].map {
            Case(fault: Fault(.missingRights, target: $0), failure: .rights, detail: "not permitted")
        }
        + ["shop", "direct"].flatMap { system in
            ["products", "prices", "stock"].map {
                Case(fault: Fault(.missingRights, target: $0), system: system, failure: .rights, detail: $0)
            }
        }
        + [
            Case(
                fault: Fault(.missingRights, target: "catalog:write"), system: "direct", failure: .rights,
                detail: "catalog:write")
        ]

    /// One after the other against one importer: each of them ends soon, and what it takes is the world around it.
    @Test(arguments: ["sap", "shop", "direct"])
    func `a system that cannot be used fails the run with its class and stages nothing`(system: String) async throws {
        let cases = Self.cases.filter { $0.system == system }
        #expect(cases.count >= 11)
        try await ImportFixture.with(items: 40) { fixture in
            let isDirect = system == "direct"
            _ = isDirect ? try await fixture.push() : try await fixture.run()
            let before = try await fixture.digest(isDirect)
            let importer = try await fixture.importer(sending: ImpatientSender(fixture.configuration, "/\(system)/"))
            for (number, wrong) in cases.enumerated() {
                _ = try await fixture.sandbox.call(Misbehave(system: system, fault: wrong.fault))
                let token = Int64(number + 2)
                let claim = isDirect ? try fixture.directClaim(token: token) : try fixture.claim(token: token)
                let report = try #require(try await fixture.carryOut(claim, with: importer))
                try await fixture.expectUntouched(report, wrong.failure, isSource: system == "sap", "\(wrong)")
                #expect(report.arguments["detail"]?.contains(wrong.detail) == true, "\(wrong): \(report.arguments)")
                try await fixture.repair(system)
                #expect(try await fixture.digest(isDirect) == before, "\(wrong)")
            }
            // Nothing of it lasts.
            let last = isDirect ? try fixture.directClaim(token: 99) : try fixture.claim(token: 99)
            #expect(try await fixture.carryOut(last, with: try await fixture.importer())?.outcome.isSuccess == true)
        }
    }

    /// What is wrong with the way to a system.
    enum WrongWay: CaseIterable {
        case unknownName, strangeAuthority, wrongKey, otherName
    }

    @Test(arguments: [true, false])
    func `a name or certificate that is wrong fails the run before any credentials are sent`(
        isSource: Bool
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop().digest
            let other = try Certificate.other.get()
            let tls = try TLSContext(.serverOnly(certificateChainPath: other.certificate, privateKeyPath: other.key))
            let stranger = SandboxListeners(
                try await Sandbox(database: SandboxDatabase.open(.memory), environment: fixture.environment), tls: tls)
            let sender = CountingSender(HTTPClient(HTTPClientConfiguration(fixture.configuration)))
            let importer = try await fixture.importer(sending: sender)
            try await stranger.withRunning { ports in
                for (number, wrong) in WrongWay.allCases.enumerated() {
                    var claim = try fixture.claim(token: Int64(number + 2))
                    let options = wrong.options(trusting: other.certificate)
                    let address = wrong.address(port: ports.http)
                    if isSource {
                        claim.source = try fixture.source(options: options, at: address)
                    } else {
                        claim.target = try fixture.target(options: options, at: address)
                    }
                    let report = try #require(try await fixture.carryOut(claim, with: importer))
                    try await fixture.expectUntouched(
                        report, wrong == .unknownName ? .name : .tls, isSource: isSource, "\(wrong)")
                    #expect(!sender.urls.contains { $0.hasSuffix(isSource ? "/Login" : "/meta") }, "\(wrong)")
                }
            }
            #expect(try await fixture.shop().digest == before)
        }
    }

    @Test func `rights that a run does not need are not asked for`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            try await fixture.misbehave(.missingRights) { $0.target = "ItemPrices" }
            try await fixture.misbehave(.missingRights, on: "shop") { $0.target = "prices" }
            #expect(try await fixture.run([.products, .stock])?.outcome == .published)
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

extension AccessTests.WrongWay {
    /// Options of the system it is about.
    fileprivate func options(trusting file: String) -> [String: String] {
        switch self {
        case .unknownName: [:]
        // Of somebody else than made the certificate.
        case .strangeAuthority: ["caFile": file]
        case .wrongKey: ["pinnedKeys": "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
        // The authority is right; the name in the certificate is another host's.
        case .otherName: ["caFile": file]
        }
    }

    fileprivate func address(port: Int) -> String? {
        switch self {
        case .unknownName: "https://nothing-here.invalid"
        case .strangeAuthority, .wrongKey: nil
        case .otherName: "https://localhost:\(port)"
        }
    }
}

extension ImportFixture {
    fileprivate func digest(_ isDirect: Bool) async throws -> String {
        try await sandbox.call(DescribeShop(system: isDirect ? "direct" : "shop")).digest
    }

    /// The run has failed in its pre-flight, in this class, and has left nothing anywhere.
    fileprivate func expectUntouched(
        _ report: RunReport, _ failure: FailureClass, isSource: Bool, _ wrong: Comment
    ) async throws {
        #expect(report.outcome == .failed, wrong)
        #expect(report.failure == failure, wrong)
        let hasOwnWords = !isSource && [.login, .rights, .version].contains(failure)
        #expect(report.reason == "run_failed_\(failure.rawValue)" + (hasOwnWords ? "_shop" : ""), wrong)
        #expect((report.arguments["system"] == "Our SAP") == isSource, wrong)
        #expect(report.countBefore == nil && report.read == 0, wrong)
        #expect(try stagingFiles().isEmpty, wrong)
        #expect(try await journal().isEmpty, wrong)
        #expect(try await shop().openImports.isEmpty, wrong)
    }
}

/// Sends for real, but does not wait long for one system's answers.
private struct ImpatientSender: HTTPSending {
    private let sender: any HTTPSending
    private let place: String

    init(_ configuration: ImporterConfiguration, _ place: String) {
        sender = HTTPClient(HTTPClientConfiguration(configuration))
        self.place = place
    }

    func send(_ request: HTTPRequest) async throws(OutboundError) -> HTTPResponse {
        var request = request
        if request.url.contains(place) { request.timeouts = HTTPTimeouts(firstByte: .milliseconds(1500)) }
        return try await sender.send(request)
    }
}
