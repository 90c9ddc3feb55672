import CoreTypes
import GRDB
import Messaging
import Persistence
import RPC
import SchedulerAPI

struct MerchantHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func create(_ request: CreateMerchant, _ context: CallContext) async throws -> CreateMerchant.Response {
        let now = dispatch.now
        let merchant = MerchantRecord(
            id: dispatch.makeID(), name: try Validation.name(request.name),
            number: try request.number.map { number throws(SchedulerFault) in
                try Validation.text(number, "number", 1...40)
            }, language: request.language, timeZone: try Validation.timeZone(request.timeZone), createdAt: now,
            createdBy: context.peer.label)
        let response = try await dispatch.write(.createMerchant) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                try merchant.add(db)
                try ChangeRecord(
                    .merchantCreated, "\(merchant.id)", of: merchant.id, by: merchant.createdBy, at: now
                ).insert(db)
                return CreateMerchant.Response(merchant: try merchant.summary(db))
            }
        }
        return response
    }

    @Sendable func list(_ request: ListMerchants, _ context: CallContext) async throws -> ListMerchants.Response {
        let limit = try Validation.limit(request.limit)
        return try await dispatch.database.read { db in
            ListMerchants.Response(
                merchants: try MerchantRecord.list(
                    query: request.query, after: request.afterName, limit: limit, db
                ).map { try $0.summary(db) })
        }
    }

    @Sendable func describe(
        _ request: DescribeMerchant, _ context: CallContext
    ) async throws -> DescribeMerchant.Response {
        try await dispatch.database.read { db in
            let merchant = try MerchantRecord.find(request.merchantID, db)
            let connections = try ConnectionRecord.all(of: merchant.id, db)
            var switches: [SwitchState] = []
            switches.append(try SwitchRecord.integration(of: merchant.id, db)?.state ?? .untouched(.integration))
            for module in Module.allCases {
                let touched = try SwitchRecord.find(merchant.id, .module, module.rawValue, db)
                switches.append(touched?.state ?? .untouched(.module, module: module))
            }
            for connection in connections {
                let touched = try SwitchRecord.find(merchant.id, .connection, "\(connection.id)", db)
                switches.append(touched?.state ?? .untouched(.connection, connectionID: connection.id))
            }
            return DescribeMerchant.Response(
                merchant: try merchant.summary(db), switches: switches,
                systems: try SystemRecord.all(of: merchant.id, db).map(\.summary),
                connections: try connections.map { try ConnectionOverview($0, db).summary })
        }
    }

    @Sendable func changes(_ request: ListChanges, _ context: CallContext) async throws -> ListChanges.Response {
        let limit = try Validation.limit(request.limit)
        return try await dispatch.database.read { db in
            let merchant = try MerchantRecord.find(request.merchantID, db)
            return ListChanges.Response(changes: try ChangeRecord.newest(of: merchant.id, limit: limit, db))
        }
    }
}

extension SwitchState {
    /// What nobody has touched is on.
    static func untouched(
        _ level: SwitchLevel, module: Module? = nil, connectionID: ConnectionID? = nil
    ) -> SwitchState {
        SwitchState(level: level, module: module, connectionID: connectionID, isOn: true)
    }
}
