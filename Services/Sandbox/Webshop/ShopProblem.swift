/// An error of the webshop's interface: a status, a stable word and what a person may read (RFC 9457).
struct ShopProblem: Error, Equatable {
    var status: Int
    var code: String
    var detail: String
    /// Further members of the answer.
    var members: [SimMember] = []

    init(_ status: Int, _ code: String, _ detail: String, members: [SimMember] = []) {
        self.status = status
        self.code = code
        self.detail = detail
        self.members = members
    }

    static func invalid(_ detail: String) -> ShopProblem { ShopProblem(422, "validation_failed", detail) }
    static func notFound(_ detail: String) -> ShopProblem { ShopProblem(404, "not_found", detail) }

    var response: SimResponse {
        let head = [
            SimMember("type", .string("https://sandbox.invalid/problems/\(code)")),
            SimMember("title", .string(code.split(separator: "_").joined(separator: " "))),
            SimMember("status", SimJSON(status)), SimMember("detail", .string(detail)),
            SimMember("code", .string(code)),
        ]
        return .json(status, .object(head + members), headers: ["Content-Type": "application/problem+json"])
    }
}
