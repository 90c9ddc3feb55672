import CoreTypes
import GRDB
import Messaging
import Persistence
import RPC
import SchedulerAPI

struct ConnectionHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func create(
        _ request: CreateConnection, _ context: CallContext
    ) async throws -> CreateConnection.Response {
        let now = dispatch.now
        let settings = try Validation.settings(request.settings.reading(by: .ofNewConnections))
        let label = try request.label.map { label throws(SchedulerFault) in try Validation.name(label, "label") }
        let response = try await dispatch.write(.createConnection) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                let (merchant, source, target) = try ends(of: request, db)
                var connection = ConnectionRecord(
                    id: dispatch.makeID(), merchantID: merchant.id,
                    label: label ?? "\(source.name) > \(target.name)", sourceID: source.id, targetID: target.id,
                    settingsVersion: 1, scheduleKind: .manual, anchorAt: now, fencingToken: 0, createdAt: now,
                    createdBy: context.peer.label)
                try connection.add(db)
                try TargetUse(of: target, by: connection).check(settings.modules, db)
                try ConnectionSettingsRecord(
                    connectionID: connection.id, version: 1, settings: settings, changedBy: context.peer.label,
                    changedAt: now, reason: "created"
                ).insert(db)
                _ = try set(request.schedule, on: &connection, at: now, db)
                try ChangeRecord(
                    .connectionCreated, "\(connection.id)", of: merchant.id, by: context.peer.label, at: now
                ).insert(db)
                return CreateConnection.Response(connection: try ConnectionOverview(connection, db).summary)
            }
        }
        return response
    }

    private func ends(
        of request: CreateConnection, _ db: Database
    ) throws -> (MerchantRecord, SystemRecord, SystemRecord) {
        let merchant = try MerchantRecord.find(request.merchantID, db)
        let source = try SystemRecord.find(request.sourceID, db)
        let target = try SystemRecord.find(request.targetID, db)
        for system in [source, target] where system.merchantID != merchant.id {
            throw SchedulerFault.systemOfAnotherMerchant(system.id)
        }
        guard source.kind.isSource else { throw SchedulerFault.notASource(source.id) }
        guard target.kind.isTarget else { throw SchedulerFault.notATarget(target.id) }
        return (merchant, source, target)
    }

    /// Checks the schedule and sets the first time, for intervals counted from now. Set again as it is, a schedule
    /// keeps its next time.
    ///
    /// - Returns: Whether anything changed.
    private func set(
        _ schedule: Schedule, on connection: inout ConnectionRecord, at now: Instant, _ db: Database
    ) throws -> Bool {
        var schedule = schedule
        if schedule.kind == .cron, schedule.timeZone == nil {
            schedule.timeZone = try MerchantRecord.find(connection.merchantID, db).timeZone
        }
        _ = try Timetable(schedule, anchor: now)
        guard schedule != connection.schedule else { return false }
        connection.schedule = schedule
        connection.anchorAt = now
        connection.nextDueAt = try dispatch.book.nextDue(of: connection, at: now, db)
        try connection.update(db)
        return true
    }

    /// - Returns: Whether anything changed.
    private func set(
        _ settings: ConnectionSettings, on connection: inout ConnectionRecord, by person: String, reason: String,
        at now: Instant, _ db: Database
    ) throws -> Bool {
        let present = try ConnectionSettingsRecord.current(of: connection, db).settings
        let settings = settings.reading(by: present.reading.paging)
        guard present != settings else { return false }
        try TargetUse(of: SystemRecord.find(connection.targetID, db), by: connection).check(settings.modules, db)
        connection.settingsVersion += 1
        try ConnectionSettingsRecord(
            connectionID: connection.id, version: connection.settingsVersion, settings: settings, changedBy: person,
            changedAt: now, reason: reason
        ).insert(db)
        try connection.update(db)
        try dispatch.book.refreshNextDue(of: &connection, at: now, db)
        return true
    }

    @Sendable func update(
        _ request: UpdateConnection, _ context: CallContext
    ) async throws -> UpdateConnection.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let settings = try request.settings.map { settings throws(SchedulerFault) in
            try Validation.settings(settings)
        }
        let (response, skipped) = try await dispatch.write(.updateConnection) { db in
            var connection = try ConnectionRecord.find(request.connectionID, db)
            var changed = false
            var skipped: RunID?
            if let settings {
                changed = try set(
                    settings, on: &connection, by: context.peer.label, reason: reason, at: now, db)
                skipped = try dispatch.book.skipClosed(of: connection, at: now, db)
            }
            if let schedule = request.schedule {
                changed = try set(schedule, on: &connection, at: now, db) || changed
            }
            if changed {
                try ChangeRecord(
                    .connectionUpdated, "\(connection.id)", of: connection.merchantID, by: context.peer.label, at: now,
                    reason: reason
                ).insert(db)
            }
            let summary = try ConnectionOverview(connection, db).summary
            return (UpdateConnection.Response(connection: summary), skipped)
        }
        if let skipped { dispatch.changes.signal(skipped) }
        return response
    }

    @Sendable func release(
        _ request: ReleaseConnection, _ context: CallContext
    ) async throws -> ReleaseConnection.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let response = try await dispatch.write(.releaseConnection) { db in
            var connection = try ConnectionRecord.find(request.connectionID, db)
            let wasParked = try dispatch.book.release(
                &connection, by: context.peer.label, reason: reason, at: now, traceparent: context.traceparent, db)
            return ReleaseConnection.Response(
                connection: try ConnectionOverview(connection, db).summary, wasParked: wasParked)
        }
        dispatch.announced()
        return response
    }

    @Sendable func describe(
        _ request: DescribeConnection, _ context: CallContext
    ) async throws -> DescribeConnection.Response {
        try await dispatch.database.read { db in
            let overview = try ConnectionOverview(ConnectionRecord.find(request.connectionID, db), db)
            return DescribeConnection.Response(
                connection: overview.summary, settings: overview.settings.settings,
                settingsVersion: overview.settings.version, settingsChangedBy: overview.settings.changedBy,
                settingsChangedAt: overview.settings.changedAt)
        }
    }

    @Sendable func list(_ request: ListConnections, _ context: CallContext) async throws -> ListConnections.Response {
        let overviews = try await overviews(of: request.merchantID, after: request.after, limit: request.limit) {
            $0.summary
        }
        return ListConnections.Response(connections: overviews)
    }

    @Sendable func jobs(_ request: ListJobs, _ context: CallContext) async throws -> ListJobs.Response {
        let jobs = try await overviews(of: request.merchantID, after: request.after, limit: request.limit) {
            $0.job(in: context.language)
        }
        return ListJobs.Response(jobs: jobs)
    }

    private func overviews<Value: Sendable>(
        of merchant: MerchantID?, after: ConnectionID?, limit: Int?,
        as show: @escaping @Sendable (ConnectionOverview) -> Value
    ) async throws -> [Value] {
        let limit = try Validation.limit(limit)
        return try await dispatch.database.read { db in
            if let merchant { _ = try MerchantRecord.find(merchant, db) }
            return try ConnectionRecord.list(of: merchant, after: after, limit: limit, db).map {
                show(try ConnectionOverview($0, db))
            }
        }
    }
}

extension ConnectionSettings {
    /// The same, but where nothing is said of how pages are asked for it is `paging`.
    fileprivate func reading(by paging: Reading.Paging?) -> ConnectionSettings {
        var settings = self
        settings.reading.paging = settings.reading.paging ?? paging
        return settings
    }
}
