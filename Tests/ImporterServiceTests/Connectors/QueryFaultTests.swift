import JSON
import Outbound
import SchedulerAPI
import Testing

@testable import Connectors

/// A question the Service Layer refuses is told as what was wrong in it, where its words say so.
@Suite struct QueryFaultTests {
    private func fault(
        _ message: String, code: JSONValue = "-1000", status: Int = 400, filter: String? = nil
    ) throws -> SystemFault {
        let body = try JSON.encode(JSONValue.object([("error", ["code": code, "message": .string(message)])]))
        return SystemFault(sapStatus: status, headers: HTTPHeaders(), body: body, isLogin: false).ofQuery(
            filter: filter)
    }

    @Test(arguments: [
        "Property 'BarCod' of 'Item' is invalid", "Property 'BarCod' is invalid",
        "Could not find a property named 'BarCod' on type 'SAPB1.Item'.",
    ])
    func `a field the source does not have is the mapping's, whichever version says it`(message: String) throws {
        let fault = try fault(message)
        #expect(fault.failure == .settings)
        #expect(fault.reason == .unknownField("BarCod"))
        #expect(fault.detail == "\(message) (-1000)")
        #expect(!fault.isPassing)
    }

    @Test func `the older dialect says the same with a number and an object`() throws {
        let error: JSONValue = [
            "error": ["code": -1000, "message": ["value": "Property 'BarCod' of 'Item' is invalid"]]
        ]
        let fault = SystemFault(
            sapStatus: 400, headers: HTTPHeaders(), body: try JSON.encode(error), isLogin: false)
        #expect(fault.ofQuery(filter: nil).reason == .unknownField("BarCod"))
    }

    @Test(arguments: [
        ("Property 'Valdi' is invalid", "201"), ("Query string error - Invalid filter condition", "201"),
        ("Query string error - Invalid symbol in the filter condition", "-1"), ("Something else", "201"),
    ])
    func `a filter a person has set is named with the source's words`(message: String, code: String) throws {
        let filter = "Valdi eq 'tYES'"
        let fault = try fault(message, code: .string(code), filter: filter)
        #expect(fault.failure == .settings)
        #expect(fault.reason == .filter(filter))
        #expect(fault.detail == "\(message) (\(code))")
    }

    @Test func `a field the filter does not name is the mapping's, filter or not`() throws {
        #expect(try fault("Property 'BarCod' of 'Item' is invalid", filter: "x eq 1").reason == .unknownField("BarCod"))
    }

    @Test func `nobody is blamed for what the product asks by itself, nor for another trouble`() throws {
        for same in [
            try fault("Property 'Frozen' is invalid", code: "201"),
            try fault("Property 'UpdateDate' of 'Item' is invalid"),
            try fault("Query string error - Invalid filter condition", code: "201"),
            try fault("Enter a valid date", filter: "x eq 1"), try fault("Property 'X' is invalid", status: 500),
            try fault("Property '' is invalid"),
        ] {
            #expect(same.failure == .answer, "\(same)")
            #expect(same.reason == nil)
        }
    }
}
