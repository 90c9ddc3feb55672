import CoreTypes
import Persistence
import RPC
import SandboxAPI
import ServiceRuntime
import TestSupport
import Testing

@testable import SandboxService

@Suite struct SandboxHandlersTests {
    @Test func `the router serves exactly what the interface lists`() async throws {
        let fixture = try await SandboxFixture()
        let served = SandboxHandlers(fixture.sandbox).makeRouter().methods
        #expect(served == Set(SandboxAPI.requests.map { $0.method }))
    }

    @Test func `services may not order misbehaviour`() async throws {
        let fixture = try await SandboxFixture()
        let service = InProcessCaller(
            SandboxHandlers(fixture.sandbox).makeRouter(), as: .service(name: "importer", instance: "1"))
        await #expect(throws: ServiceError.self) { try await service.call(ListSystems()) }
    }

    @Test func `a system made twice alike is one, and made otherwise is refused`() async throws {
        let fixture = try await SandboxFixture()
        let definition = CreateSystem(name: "sap", kind: .sapBusinessOne, items: 10)
        let first = try await fixture.caller.call(definition)
        #expect(try await fixture.caller.call(definition) == first)
        #expect(first.system.items == 10 && first.system.path == "/sap")
        let error = await #expect(throws: ServiceError.self) {
            try await fixture.caller.call(CreateSystem(name: "sap", kind: .sapBusinessOne, items: 11))
        }
        #expect(error?.reason == "sandbox_system_exists")
    }

    @Test(arguments: ["", "Sap", "a/b", "mailbox", String(repeating: "a", count: 41)])
    func `a name that cannot be a path component is refused`(name: String) async throws {
        let fixture = try await SandboxFixture()
        let error = await #expect(throws: ServiceError.self) {
            try await fixture.caller.call(CreateSystem(name: name, kind: .genericWebshop))
        }
        #expect(error?.status == .invalidArgument)
    }

    @Test func `a removed system is gone with its faults`() async throws {
        let fixture = try await SandboxFixture()
        _ = try await fixture.caller.call(CreateSystem(name: "shop", kind: .genericWebshop))
        try await fixture.misbehave("shop", Fault(.offline))
        #expect(try await fixture.caller.call(RemoveSystem(system: "shop")).removed)
        #expect(try await !fixture.caller.call(RemoveSystem(system: "shop")).removed)
        let again = try await fixture.caller.call(CreateSystem(name: "shop", kind: .genericWebshop))
        #expect(again.system.faults.isEmpty)
    }

    @Test func `faults are shown while in force, counted, and end when repaired`() async throws {
        let company = try await SandboxFixture.company(items: 10)
        try await company.misbehave(Fault(.loseItems, count: 2))
        try await company.misbehave(Fault(.wrongCount, count: -1))
        _ = await company.get("Items")
        let listed = try await company.caller.call(ListSystems()).systems[0].faults
        #expect(listed.map(\.fault.kind) == [.loseItems, .wrongCount])
        #expect(listed[0].occurred == 1)
        let repaired = try await company.caller.call(Repair(system: "sap", kind: .loseItems)).repaired
        #expect(repaired.count == 1)
        #expect(try await company.caller.call(ListSystems()).systems[0].faults.map(\.fault.kind) == [.wrongCount])
    }

    @Test(arguments: [
        Fault(.loseItems), Fault(.loseItems, count: 0), Fault(.cutConnection), Fault(.cutConnection, page: 0),
        Fault(.failCommit), Fault(.greylist), Fault(.offline, count: 3), Fault(.offline, times: 0),
        Fault(.slow, milliseconds: 0), Fault(.wrongCount, count: 0),
    ])
    func `a fault the system cannot have, or without its values, is refused`(fault: Fault) async throws {
        let company = try await SandboxFixture.company(items: 1)
        let error = await #expect(throws: ServiceError.self) { try await company.misbehave(fault) }
        #expect(error?.reason == "sandbox_fault_unsuitable")
    }

    @Test func `every kind of fault is described and can be ordered somewhere`() async throws {
        let fixture = try await SandboxFixture()
        let kinds = try await fixture.caller.call(ListFaultKinds()).kinds
        #expect(kinds.map(\.kind) == FaultKind.allCases)
        for description in kinds {
            #expect(!description.summary.isEmpty && !description.places.isEmpty)
            for parameter in description.required + description.optional {
                #expect(description.summary.contains("`\(parameter.rawValue)`"))
            }
        }
    }

    @Test func `items are edited, renamed, added and deleted`() async throws {
        let company = try await SandboxFixture.company(items: 10)
        let first = try await company.caller.call(ListItems(system: "sap", limit: 1)).items[0]
        _ = try await company.caller.call(EditItems(system: "sap", codes: [first.code], price: "0.005", stock: "-2.5"))
        let edited = try await company.json("Items('\(percentEncoded(quoted(first.code)))')")
        #expect(edited["ItemPrices"]?[0]?["Price"] == .number("0.005"))
        #expect(edited["ItemWarehouseInfoCollection"]?[0]?["InStock"] == .number("-2.5"))
        #expect(edited["UpdateDate"]?.text == "2026-03-02" && edited["UpdateTime"]?.text == "06:00:00")
        let renamed = try await company.caller.call(
            RenameItem(system: "sap", code: first.code, newCode: "NY/1", newName: "Ny å"))
        #expect(renamed.item.name == "Ny å")
        #expect(await company.get("Items('\(percentEncoded(quoted(first.code)))')").status == 404)
        _ = try await company.caller.call(AddItem(system: "sap", code: "Z1", name: "Tilføjet"))
        #expect(try await company.count(sellable) == 11)
        #expect(try await company.caller.call(DeleteItem(system: "sap", code: "Z1")).deleted)
        #expect(try await !company.caller.call(DeleteItem(system: "sap", code: "Z1")).deleted)
        #expect(try await company.caller.call(EditItems(system: "sap", count: 4)).codes.count == 4)
    }

    @Test func `a request for the wrong kind of system says so`() async throws {
        let company = try await SandboxFixture.company(items: 1)
        let error = await #expect(throws: ServiceError.self) {
            try await company.caller.call(DescribeShop(system: "sap"))
        }
        #expect(error?.reason == "sandbox_wrong_kind")
    }

    @Test func `after a restart everything is as it was`() async throws {
        let folder = try TemporaryFolder()
        let environment = ServiceEnvironment.test()
        func open() async throws -> Sandbox {
            try await Sandbox(
                database: SandboxDatabase.open(.file(folder.file("sandbox.db"))), environment: environment)
        }
        func caller(_ sandbox: Sandbox) -> InProcessCaller {
            InProcessCaller(SandboxHandlers(sandbox).makeRouter(), as: .operator(name: "test"))
        }
        let before = try await open()
        let first = caller(before)
        _ = try await first.call(CreateSystem(name: "sap", kind: .sapBusinessOne, items: 50))
        _ = try await first.call(CreateSystem(name: "shop", kind: .genericWebshop))
        _ = try await first.call(EditItems(system: "sap", count: 3, price: "9.5"))
        _ = try await first.call(AddItem(system: "sap", code: "Z1", name: "Tilføjet"))
        _ = try await first.call(
            DeleteItem(system: "sap", code: try await first.call(ListItems(system: "sap")).items[4].code))
        _ = try await first.call(Misbehave(system: "sap", fault: Fault(.loseItems, count: 7)))
        _ = try await first.call(Misbehave(system: "mailbox", fault: Fault(.greylist)))
        let items = try await first.call(ListItems(system: "sap", limit: 500))
        let systems = try await first.call(ListSystems())
        let shop = try await first.call(DescribeShop(system: "shop"))
        try before.database.close()
        let second = caller(try await open())
        #expect(try await second.call(ListItems(system: "sap", limit: 500)) == items)
        #expect(try await second.call(ListSystems()) == systems)
        #expect(try await second.call(DescribeShop(system: "shop")) == shop)
    }
}
