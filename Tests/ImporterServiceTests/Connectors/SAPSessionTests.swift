import CoreTypes
import Outbound
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import Connectors
@testable import ImporterService

@Suite struct SAPSessionTests {
    @Test func `many requests that find the session gone share one new login`() async throws {
        try await ImportFixture.with(items: 5) { fixture in
            let sender = CountingSender(HTTPClient(HTTPClientConfiguration(fixture.configuration)))
            let patience = Patience(
                RetryPolicy(), limit: .seconds(20), clock: ContinuousClock(), randomness: .counted())
            let access = try fixture.source()
            let session = SAPSession(
                http: SystemHTTP(
                    base: try #require(BaseURL(access.baseURL)), sender: sender, system: "SAP", trust: nil),
                service: "/b1s/v2",
                credentials: .init(company: "SBODEMO", user: Secret("manager"), password: Secret("sandbox")))
            let first = try await session.ticket(patience)
            #expect(first.cookies.reveal().contains("B1SESSION="))
            #expect(first.cookies.reveal().contains("ROUTEID="))
            let renewed = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 1...10 { group.addTask { try await session.ticket(insteadOf: first, patience).number } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(renewed == [2])
            #expect(sender.urls.count == 2)
            await session.logOut()
            #expect(sender.urls.last?.hasSuffix("/Logout") == true)
        }
    }
}
