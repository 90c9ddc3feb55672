import BillingAPI
import CoreTypes
import FoundationEssentials
import ImporterAPI
import JSON
import MonitorAPI
import NotifierAPI
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

/// Every interface of the product.
private let interfaces: [any RPCInterface.Type] = [
    SchedulerAPI.self, ImporterAPI.self, MonitorAPI.self, NotifierAPI.self, BillingAPI.self, SandboxAPI.self,
]

/// One request of one service, as a test's argument.
private struct Declared: CustomTestStringConvertible, Sendable {
    var service: String
    var request: any RPCRequest.Type
    var testDescription: String { request.method.rawValue }

    static let all: [Declared] =
        interfaces.flatMap { interface in interface.requests.map { Declared(service: interface.name, request: $0) } }
        + BuiltInRequests.all.map { Declared(service: "rpc", request: $0) }
}

@Suite struct ContractTests {
    @Test func `every method has a name of its own`() {
        let names = Declared.all.map { $0.request.method }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: Declared.all)
    private func `a method is named after its service and its verb`(declared: Declared) {
        let name = declared.request.method.rawValue
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 2 && parts.first.map(String.init) == declared.service, "\(name)")
        let verb = parts.last ?? ""
        #expect(verb.first?.isLowercase == true && verb.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
    }

    @Test(arguments: Declared.all)
    private func `a method says in one sentence what it does, and who may call it`(declared: Declared) {
        let summary = declared.request.summary
        #expect(summary.first?.isUppercase == true && summary.last == "." && summary.count <= 160, "\(summary)")
        let callers = declared.request.callers
        #expect(callers.operators || callers.everyService || !callers.services.isEmpty, "nobody may call it")
    }

    @Test(arguments: Declared.all)
    private func `a method's failures are each named once`(declared: Declared) {
        #expect(Set(declared.request.failures).count == declared.request.failures.count)
    }

    @Test(arguments: Declared.all)
    private func `the example goes through JSON unchanged and fits the schemas`(declared: Declared) throws {
        try check(declared.request)
        if let stream = declared.request as? any RPCStreamRequest.Type { try checkItem(stream) }
    }

    private func check<R: RPCRequest>(_: R.Type) throws {
        try check(R.example.request, "params")
        try check(R.example.response, "result")
    }

    private func checkItem<R: RPCStreamRequest>(_: R.Type) throws { try check(R.exampleItem, "item") }

    private func check<T: Codable & Equatable>(_ value: T, _ what: String) throws {
        let bytes = try JSON.encode(value)
        #expect(try JSON.decode(T.self, from: bytes) == value, "\(what)")
        let faults = try JSON.decode(JSONValue.self, from: bytes).faults(against: Schema.of(T.self).json)
        #expect(faults.isEmpty, "\(what): \(faults)")
    }

    /// The contract under version control is what the code says: a change of the wire shows in the diff.
    ///
    /// `SLUICE_WRITE_CONTRACTS=1` writes the files anew.
    @Test(arguments: interfaces.map { $0.name })
    func `the contract kept beside the tests is the one the code has`(service: String) throws {
        let interface = try #require(interfaces.first { $0.name == service })
        let text = try OpenRPC.document(service: service, requests: interface.requests).prettyText + "\n"
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Contracts/\(service).json")
        if ProcessInfo.processInfo.environment["SLUICE_WRITE_CONTRACTS"] == "1" {
            try Data(text.utf8).write(to: file)
        }
        let kept = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let difference = zip(kept.split(separator: "\n"), text.split(separator: "\n")).first { $0 != $1 }
        #expect(
            kept == text,
            """
            \(service): kept \(difference?.0 ?? "fewer lines"), now \(difference?.1 ?? "more lines"). \
            Intended? SLUICE_WRITE_CONTRACTS=1 swift test --filter ContractTests
            """)
    }
}
