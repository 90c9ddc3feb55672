import ImporterAPI
import JSON
import Outbound
import SchedulerAPI

extension SAPBusinessOne {
    public func probe(fields: [String]) async -> ProbeResult {
        var probe = self
        probe.patience = patience.brief
        return await probe.steps(fields)
    }

    private func steps(_ fields: [String]) async -> ProbeResult {
        var version: String?
        var result = ProbeResult()
        await result.step("reach", clock: patience.clock) { try await reach() }
        await result.step("login", clock: patience.clock) {
            version = try await session.ticket(patience).version
            return version.map { "version \($0)" }
        }
        result.version = version
        await result.step("count Items", clock: patience.clock) {
            try await count().count.map { "\($0) items" } ?? "no count to be had"
        }
        var picture: SourcePicture?
        await result.step("read Items", clock: patience.clock) {
            picture = try await pictureOfOne(fields)
            return picture == nil ? "no item" : nil
        }
        result.picture = picture
        return result
    }

    /// The load balancer's ping needs no login. Installations before 9.3 PL10 do not have it, and answer something else:
    /// that too shows that they can be reached.
    private func reach() async throws -> String? {
        try await patience.retrying {
            let answer = try await http.answer(to: HTTPRequest(.get, http.base.appending("/ping/")))
            guard ![502, 503, 504].contains(answer.status) else {
                throw fault(
                    SystemFault(
                        sapStatus: answer.status, headers: answer.headers, body: answer.body, isLogin: false))
            }
            let sender = (try? JSON.decode(JSONValue.self, from: answer.body))?["sender"]?.text
            return answer.status == 200 ? "\(sender ?? "it") answers" : nil
        }
    }

    /// One item with every field it has. Where one that is to be read is not among them, the system is asked for that
    /// field by name, so that it says in its own words what is wrong.
    private func pictureOfOne(_ fields: [String]) async throws -> SourcePicture? {
        let first = try await readOne(select: nil)
        guard let picture = first.flatMap({ SourcePicture(of: $0) }) else { return nil }
        if fields.contains(where: { picture.fields[$0] == nil }) {
            _ = try await readOne(select: fields.joined(separator: ","))
        }
        return picture
    }

    private func readOne(select: String?) async throws -> JSONValue? {
        let query = SAPQuery("Items").with("$select", select).with("$filter", readFilter)
            .with("$orderby", "ItemCode").with("$top", "1")
        let body = try await read(query, pageSize: 1)
        guard let rows = (try? JSON.decode(JSONValue.self, from: body))?["value"]?.elements else {
            throw fault(SystemFault(.answer, "the items cannot be read"))
        }
        return rows.first
    }
}
