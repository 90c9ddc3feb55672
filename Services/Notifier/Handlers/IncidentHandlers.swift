import CoreTypes
import GRDB
import JSON
import Messaging
import NotifierAPI
import Persistence
import RPC
import SchedulerAPI
import ServiceRuntime

extension NotifierHandlers {
    func deliverEvents(
        _ request: DeliverEvents<NotifierAPI>, _ context: CallContext
    ) async throws -> DeliverEvents<NotifierAPI>.Response {
        let now = now
        let response = try await write(.events) { db in
            try Inbox.receive(
                request, from: context.peer, at: now, in: db, report: { $0.log(to: environment.logger) }
            ) { event, db in
                switch event.type {
                case RunFinished.type: try desk.take(JSON.decode(RunFinished.self, from: event.body), at: now, db)
                case ConnectionReleased.type:
                    try desk.take(JSON.decode(ConnectionReleased.self, from: event.body), db)
                case ConnectionNotice.type:
                    try desk.take(JSON.decode(ConnectionNotice.self, from: event.body), at: now, db)
                default:
                    throw ServiceError(.invalidArgument, reason: "event_unknown", arguments: ["type": event.type])
                }
            }
        }
        newMail.wake()
        return response
    }

    func listIncidents(_ request: ListIncidents, _ context: CallContext) async throws -> ListIncidents.Response {
        let limit = try Self.limit(request.limit)
        let incidents = try await database.database.read { db in
            try IncidentTable.list(request, limit: limit, db)
        }
        return ListIncidents.Response(incidents: incidents.map(\.described))
    }

    func describeIncident(
        _ request: DescribeIncident, _ context: CallContext
    ) async throws -> DescribeIncident.Response {
        try await database.database.read { db in
            guard let incident = try IncidentTable.find(request.incidentID, db) else {
                throw ServiceError(
                    .notFound, reason: "incident_not_found", arguments: ["id": "\(request.incidentID)"])
            }
            return DescribeIncident.Response(
                incident: incident.described, runs: try IncidentTable.runs(of: request.incidentID, limit: 50, db),
                messages: try MessageTable.list(about: request.incidentID, db))
        }
    }
}
