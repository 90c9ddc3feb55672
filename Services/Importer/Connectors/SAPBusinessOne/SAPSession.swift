import CoreTypes
import JSON
import Outbound
import SchedulerAPI
import Synchronization

/// One login at a Service Layer, shared by everything a run reads.
///
/// Licences bound how many sessions a company may have, so a run has one and logs out at its end. When the server has
/// forgotten it (401), whoever notices first logs in again and the others wait for that login. Refused credentials are
/// never sent again: Business One locks users after a few failures.
actor SAPSession {
    struct Credentials: Sendable {
        var company: String
        var user: Secret<String>
        var password: Secret<String>
    }

    /// What a login gave: the cookies every request carries, and which login it was.
    struct Ticket: Sendable {
        var cookies: Secret<String>
        var number: Int
        var version: String?
    }

    private let http: SystemHTTP
    private let service: String
    private let credentials: Credentials
    private var current: Ticket?
    private var login: Login?
    private var refusal: SystemFault?
    private var logins = 0

    init(http: SystemHTTP, service: String, credentials: Credentials) {
        self.http = http
        self.service = service
        self.credentials = credentials
    }

    /// The session in hand, logging in when there is none.
    ///
    /// - Parameter forgotten: The ticket a request was just refused with; it will not be handed out again.
    func ticket(insteadOf forgotten: Ticket? = nil, _ patience: Patience) async throws -> Ticket {
        if let refusal { throw refusal }
        if let current, current.number != forgotten?.number { return current }
        if let login { return try await login.ticket() }
        // Unstructured, because several waiting requests share this one login and any of them may be cancelled first.
        let attempt = Login(Task { try await self.logIn(patience) })
        login = attempt
        defer { login = nil }
        do {
            let ticket = try await attempt.ticket()
            current = ticket
            return ticket
        } catch let fault as SystemFault where !fault.isPassing {
            refusal = fault
            throw fault
        }
    }

    /// Ends the session; a failure to do so is left to the server's own time limit.
    func logOut() async {
        guard let ticket = current else { return }
        current = nil
        let request = HTTPRequest(
            .post, http.base.appending("\(service)/Logout"), headers: [HTTPHeader("Cookie", ticket.cookies)],
            timeouts: HTTPTimeouts(connect: .seconds(3), firstByte: .seconds(5), idle: .seconds(5), total: .seconds(8)))
        _ = try? await http.answer(to: request)
    }

    private func logIn(_ patience: Patience) async throws -> Ticket {
        logins += 1
        let number = logins
        return try await patience.retrying { try await self.sendLogin(number) }
    }

    private func sendLogin(_ number: Int) async throws -> Ticket {
        let answer: SystemHTTP.Answer
        do {
            answer = try await http.answer(to: try loginRequest())
        } catch let fault as SystemFault {
            throw fault.withholding(secrets)
        }
        guard answer.status == 200 else {
            let fault = SystemFault(
                sapStatus: answer.status, headers: answer.headers, body: answer.body, isLogin: true,
                withholding: secrets)
            throw fault.from(http.system)
        }
        return try ticket(from: answer, number)
    }

    private func loginRequest() throws -> HTTPRequest {
        let body = try JSON.encode(
            LoginBody(
                CompanyDB: credentials.company, UserName: credentials.user.reveal(),
                Password: credentials.password.reveal()))
        return HTTPRequest(
            .post, http.base.appending("\(service)/Login"), headers: [HTTPHeader("Content-Type", "application/json")],
            body: .secret(Secret(body)))
    }

    private func ticket(from answer: SystemHTTP.Answer, _ number: Int) throws -> Ticket {
        let cookies = answer.headers.all("Set-Cookie").compactMap { $0.split(separator: ";").first.map(String.init) }
        guard cookies.contains(where: { $0.hasPrefix("B1SESSION=") }) else {
            throw SystemFault(.answer, "the login was answered without a session cookie").from(http.system)
        }
        let body = try? JSON.decode(JSONValue.self, from: answer.body)
        // All cookies go back: ROUTEID keeps the session on the node that knows it.
        return Ticket(
            cookies: Secret(cookies.joined(separator: "; ")), number: number, version: body?["Version"]?.text)
    }

    private var secrets: [String] { [credentials.password.reveal()] }

    /// A login under way; given up when nobody waits for it any more.
    private final class Login: Sendable {
        private let task: Task<Ticket, any Error>
        private let waiters = Mutex<Int>(0)

        init(_ task: Task<Ticket, any Error>) { self.task = task }

        func ticket() async throws -> Ticket {
            waiters.withLock { $0 += 1 }
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                let left = waiters.withLock { waiters in
                    waiters -= 1
                    return waiters
                }
                if left == 0 { task.cancel() }
            }
        }
    }

    /// The names are SAP's.
    private struct LoginBody: Encodable {
        var CompanyDB: String
        var UserName: String
        var Password: String
    }
}
