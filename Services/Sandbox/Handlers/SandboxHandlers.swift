import CoreTypes
public import RPC
import SandboxAPI
import ServiceRuntime

/// Answers everything of `SandboxAPI`.
public struct SandboxHandlers: Sendable {
    let sandbox: Sandbox

    public init(_ sandbox: Sandbox) { self.sandbox = sandbox }

    public func makeRouter() -> Router {
        var router = Router(service: SandboxAPI.name, randomness: sandbox.environment.randomness)
        register(on: &router)
        return router
    }

    public func register(on router: inout Router) {
        // Making a large catalogue and calculating digests keep a processor busy.
        router.register(CreateSystem.self, runsOn: .globalPool, createSystem)
        router.register(RemoveSystem.self, removeSystem)
        router.register(ListSystems.self, listSystems)
        router.register(ListFaultKinds.self) { _, _ in
            ListFaultKinds.Response(kinds: FaultKind.allCases.map(FaultDescription.init))
        }
        router.register(Misbehave.self, misbehave)
        router.register(Repair.self, repair)
        router.register(ListItems.self, runsOn: .globalPool, listItems)
        router.register(EditItems.self, runsOn: .globalPool, editItems)
        router.register(RenameItem.self, renameItem)
        router.register(DeleteItem.self, deleteItem)
        router.register(AddItem.self, addItem)
        router.register(DescribeShop.self, runsOn: .globalPool, describeShop)
        router.register(ListShopRows.self, runsOn: .globalPool, listShopRows)
        router.register(ListMail.self, listMail)
        router.register(ReadMail.self, readMail)
        router.register(ClearMail.self, clearMail)
    }

    // MARK: Finding

    func system(_ name: String) throws -> any SimulatedSystem {
        guard let system = sandbox.system(named: name) else {
            throw ServiceError(.notFound, reason: "sandbox_system_not_found", arguments: ["system": name])
        }
        return system
    }

    func serviceLayer(_ name: String) throws -> ServiceLayer {
        guard let system = try system(name) as? ServiceLayer else {
            throw ServiceError(.failedPrecondition, reason: "sandbox_wrong_kind", arguments: ["system": name])
        }
        return system
    }

    func shop(_ name: String) throws -> any SimulatedShop {
        guard let system = try system(name) as? any SimulatedShop else {
            throw ServiceError(.failedPrecondition, reason: "sandbox_wrong_kind", arguments: ["system": name])
        }
        return system
    }

    func invalid(_ field: String, _ problem: String) -> ServiceError {
        ServiceError(
            .invalidArgument, reason: "sandbox_value_invalid", arguments: ["field": field, "problem": problem])
    }

    /// A page length, within what answers may have.
    func limit(_ wanted: Int?, default value: Int) throws -> Int {
        let limit = wanted ?? value
        guard (1...500).contains(limit) else { throw invalid("limit", "is 1 to 500") }
        return limit
    }
}
