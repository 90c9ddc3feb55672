import CoreTypes
import RPC
import SandboxAPI
import ServiceRuntime

extension SandboxHandlers {
    func createSystem(_ request: CreateSystem, _ context: CallContext) async throws -> CreateSystem.Response {
        try check(request)
        guard let system = try await sandbox.create(request) else {
            throw ServiceError(.alreadyExists, reason: "sandbox_system_exists", arguments: ["system": request.name])
        }
        return CreateSystem.Response(system: try await summary(system))
    }

    func removeSystem(_ request: RemoveSystem, _ context: CallContext) async throws -> RemoveSystem.Response {
        RemoveSystem.Response(removed: try await sandbox.remove(request.system))
    }

    func listSystems(_ request: ListSystems, _ context: CallContext) async throws -> ListSystems.Response {
        var systems: [SandboxSystem] = []
        for system in sandbox.allSystems { systems.append(try await summary(system)) }
        return ListSystems.Response(systems: systems, mailboxFaults: sandbox.mailbox.faults.active)
    }

    func misbehave(_ request: Misbehave, _ context: CallContext) async throws -> Misbehave.Response {
        let now = sandbox.environment.wallClock.now()
        if request.system == SandboxAPI.mailboxName {
            try check(request.fault, at: .mailbox)
            sandbox.mailbox.faults.order(request.fault, at: now)
            await sandbox.saveMailboxFaults()
            return Misbehave.Response(faults: sandbox.mailbox.faults.active)
        }
        let system = try system(request.system)
        try check(request.fault, at: system.definition.kind.faultPlace)
        system.faults.order(request.fault, at: now)
        await sandbox.save(system)
        return Misbehave.Response(faults: system.faults.active)
    }

    func repair(_ request: Repair, _ context: CallContext) async throws -> Repair.Response {
        if request.system == SandboxAPI.mailboxName {
            let repaired = sandbox.mailbox.faults.repair(request.kind)
            await sandbox.saveMailboxFaults()
            return Repair.Response(repaired: repaired)
        }
        let system = try system(request.system)
        let repaired = system.faults.repair(request.kind)
        await sandbox.save(system)
        return Repair.Response(repaired: repaired)
    }

    // MARK: Parts

    private func summary(_ system: any SimulatedSystem) async throws -> SandboxSystem {
        let items =
            if let shop = system as? any SimulatedShop {
                try await shop.productCount()
            } else {
                (system as? ServiceLayer)?.sellableCount ?? 0
            }
        return SandboxSystem(
            name: system.definition.name, kind: system.definition.kind, path: "/\(system.definition.name)",
            items: items, createdAt: system.createdAt, faults: system.faults.active)
    }

    private func check(_ fault: Fault, at place: FaultPlace) throws {
        guard let problem = fault.problem(at: place) else { return }
        throw ServiceError(
            .invalidArgument, reason: "sandbox_fault_unsuitable",
            arguments: ["fault": fault.kind.rawValue, "problem": problem])
    }

    private func check(_ request: CreateSystem) throws {
        let isNameCharacter: (UInt8) -> Bool = { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard (1...40).contains(request.name.utf8.count), request.name.utf8.allSatisfy(isNameCharacter) else {
            throw invalid("name", "has 1 to 40 of a-z, 0-9 and -")
        }
        guard request.name != SandboxAPI.mailboxName else { throw invalid("name", "is kept for the mailbox") }
        let ranges: [(String, Int?, ClosedRange<Int>)] = [
            ("items", request.items, 0...2_000_000), ("priceLists", request.priceLists, 1...20),
            ("warehouses", request.warehouses, 1...50),
            ("sessionTimeoutMinutes", request.sessionTimeoutMinutes, 1...1440),
            ("pageSizeMax", request.pageSizeMax, 1...100_000),
            ("requestsPerSecond", request.requestsPerSecond, 1...100_000),
            ("shrinkPercentMax", request.shrinkPercentMax, 0...100),
        ]
        for (name, value, range) in ranges {
            guard let value, !range.contains(value) else { continue }
            throw invalid(name, "is \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

extension SandboxKind {
    fileprivate var faultPlace: FaultPlace {
        switch self {
        case .sapBusinessOne: .sapBusinessOne
        case .genericWebshop: .genericWebshop
        case .directWebshop: .directWebshop
        }
    }
}
