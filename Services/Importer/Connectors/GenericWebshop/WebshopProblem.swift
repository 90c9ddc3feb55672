import JSON
import Outbound
import SchedulerAPI

extension SystemFault {
    /// What an `application/problem+json` answer of a shop means.
    init(problem body: [UInt8], status: Int, headers: HTTPHeaders, withholding secrets: [String] = []) {
        let problem = try? JSON.decode(JSONValue.self, from: body)
        let words = [problem?["title"]?.text, problem?["detail"]?.text].compactMap { $0 }.filter { !$0.isEmpty }
        let code = problem?["code"]?.text
        let detail = words.isEmpty ? "answers \(status)" : words.joined(separator: ": ")
        self.init(
            .shop, detail, status: status, code: code, retryAfter: headers.retryAfter, withholding: secrets)
        switch (status, code) {
        case (_, "superseded"): failure = .superseded
        case (401, _): failure = .login
        case (403, _): failure = .rights
        case (404, nil), (501, _): failure = .version
        case (409, "idempotency_in_progress"): isPassing = true
        case (429, _), (503, _): (failure, isPassing) = (.maintenance, true)
        case (502, _): (failure, isPassing) = (.connection, true)
        case (504, _): (failure, isPassing) = (.timeout, true)
        case (500, _): isPassing = true
        default: break
        }
    }
}
