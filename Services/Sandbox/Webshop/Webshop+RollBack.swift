import CoreTypes
import GRDB
import Persistence
import SandboxAPI
import ServiceRuntime

/// Going back to versions that are still kept.
extension Webshop {
    /// One data set to the version before.
    func rollBack(_ schema: ShopSchema) async throws -> SimResponse {
        try await database.write { [self] db in
            guard let dataset = try ShopDatasetRecord.find(schema, system: name, db),
                let previous = dataset.previousVersion
            else { return ShopProblem(409, "conflict", "There is no version to go back to.").response }
            try ShopDatasetRecord.rollBack(dataset, to: previous, db)
            return .json(
                200,
                [
                    "name": .string(schema.rawValue), "live_version": SimJSON(previous),
                    "rolled_back_from": SimJSON(dataset.liveVersion),
                ])
        }
    }

    /// Several data sets to named versions, all or none: `{"versions": {"prices": "7"}, "from": {"prices": "9"}}`.
    ///
    /// Asked again when all are there already, it is answered alike. Refused with `conflict` when something else than
    /// `from` is live, or a version is not kept, and with `superseded` for a run that another has overtaken.
    func rollBackSeveral(_ request: SimRequest) async throws -> SimResponse {
        let body = try body(request)
        let wanted = try versions(body["versions"], "versions")
        let from = try versions(body["from"], "from")
        guard !wanted.isEmpty, Set(wanted.keys) == Set(from.keys) else {
            throw ShopProblem.invalid("versions and from name the same data sets.")
        }
        if faults.occur(.failCommit) != nil { throw ShopProblem(500, "server_error", "The rollback failed.") }
        environment.crashPoints.passing("sandbox.beforeCommit")
        let response: SimResponse = try await database.write { [self] db in
            if let connection = body["connection"]?.text, let token = body["fencing_token"]?.int.map(Int64.init) {
                let highest = try fence(connection, db)
                if token < highest { return superseded(token, by: highest).response }
            }
            let datasets = try wanted.keys.map { schema in
                guard let dataset = try ShopDatasetRecord.find(schema, system: name, db) else {
                    throw ShopProblem.notFound("No such data set.")
                }
                return dataset
            }
            if let problem = try obstacle(datasets, wanted, from, db) { return problem.response }
            for dataset in datasets where dataset.liveVersion != wanted[dataset.schema] {
                try ShopDatasetRecord.rollBack(dataset, to: wanted[dataset.schema]!, db)
            }
            let shown = datasets.map { SimMember($0.schema.rawValue, SimJSON(wanted[$0.schema])) }
            return .json(200, ["live_versions": .object(shown)])
        }
        environment.crashPoints.passing("sandbox.afterCommit")
        if response.status == 200, faults.occur(.dropAfterCommit) != nil { return .cutAtOnce }
        return response
    }

    private func obstacle(
        _ datasets: [ShopDatasetRecord], _ wanted: [ShopSchema: Int64], _ from: [ShopSchema: Int64], _ db: Database
    ) throws -> ShopProblem? {
        for dataset in datasets where dataset.liveVersion != wanted[dataset.schema] {
            guard dataset.liveVersion == from[dataset.schema] else {
                return ShopProblem(409, "conflict", "\(dataset.schema.rawValue) shows another version by now.")
            }
            let isKept = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM shopVersion WHERE datasetRef = ? AND version = ?)",
                arguments: [dataset.ref, wanted[dataset.schema]])
            guard isKept == true else {
                return ShopProblem(409, "conflict", "\(dataset.schema.rawValue) does not keep that version any more.")
            }
        }
        return nil
    }

    private func versions(_ json: SimJSON?, _ name: String) throws -> [ShopSchema: Int64] {
        guard case .object(let members)? = json else { throw ShopProblem.invalid("\(name) is needed.") }
        var versions: [ShopSchema: Int64] = [:]
        for member in members {
            guard let schema = ShopSchema(rawValue: member.name), let version = member.value.text.flatMap({ Int64($0) })
            else { throw ShopProblem.invalid("\(name) has data sets and versions.") }
            versions[schema] = version
        }
        return versions
    }
}
