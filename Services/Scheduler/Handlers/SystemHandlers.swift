import CoreTypes
import GRDB
import Messaging
import Persistence
import RPC
import SchedulerAPI

/// Systems and their sealed credentials: ciphertext goes in from people and out to importers, nowhere else.
struct SystemHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func create(_ request: CreateSystem, _ context: CallContext) async throws -> CreateSystem.Response {
        let now = dispatch.now
        let credentials = try Validation.credentials(request.credentials)
        let baseURL = try Validation.baseURL(request.baseURL)
        let system = SystemRecord(
            id: dispatch.makeID(), merchantID: request.merchantID,
            name: try Validation.name(request.name), kind: request.kind,
            baseURL: baseURL, address: SystemRecord.address(of: baseURL),
            options: try Validation.options(request.options ?? [:], of: request.kind), keyID: credentials.keyID,
            encapsulatedKey: credentials.encapsulatedKey, ciphertext: credentials.ciphertext,
            credentialsChangedAt: now, createdAt: now, createdBy: context.peer.label)
        let response = try await dispatch.write(.createSystem) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                _ = try MerchantRecord.find(system.merchantID, db)
                try system.add(db)
                try ChangeRecord(
                    .systemCreated, "\(system.id)", of: system.merchantID, by: system.createdBy, at: now
                ).insert(db)
                return CreateSystem.Response(system: system.summary)
            }
        }
        return response
    }

    @Sendable func update(_ request: UpdateSystem, _ context: CallContext) async throws -> UpdateSystem.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let response = try await dispatch.write(.updateSystem) { db in
            let before = try SystemRecord.find(request.systemID, db)
            var system = before
            if let baseURL = request.baseURL, baseURL != system.baseURL {
                guard request.credentials != nil else { throw SchedulerFault.credentialsNeeded }
                system.baseURL = try Validation.baseURL(baseURL)
            }
            if let options = request.options { system.options = try Validation.options(options, of: system.kind) }
            if let credentials = request.credentials, credentials != system.access.credentials {
                let sealed = try Validation.credentials(credentials)
                system.keyID = sealed.keyID
                system.encapsulatedKey = sealed.encapsulatedKey
                system.ciphertext = sealed.ciphertext
                system.credentialsChangedAt = now
            }
            guard system != before else { return UpdateSystem.Response(system: system.summary) }
            if system.baseURL != before.baseURL { try TargetUse.check(all: system, db) }
            try system.update(db)
            try ChangeRecord(
                .systemUpdated, "\(system.id)", of: system.merchantID, by: context.peer.label, at: now, reason: reason
            ).insert(db)
            return UpdateSystem.Response(system: system.summary)
        }
        return response
    }

    @Sendable func list(_ request: ListSystems, _ context: CallContext) async throws -> ListSystems.Response {
        try await dispatch.database.read { db in
            let merchant = try MerchantRecord.find(request.merchantID, db)
            return ListSystems.Response(systems: try SystemRecord.all(of: merchant.id, db).map(\.summary))
        }
    }

    @Sendable func fetch(_ request: FetchSystem, _ context: CallContext) async throws -> FetchSystem.Response {
        try await dispatch.database.read { db in
            FetchSystem.Response(system: try SystemRecord.find(request.systemID, db).access)
        }
    }
}
