import JSON
import Outbound
import SchedulerAPI
import Testing

@testable import Connectors

@Suite struct SystemFaultTests {
    @Test(arguments: [
        (OutboundError.name(host: "erp"), FailureClass.name, false),
        (.connection(detail: "refused"), .connection, true), (.tls(detail: "expired"), .tls, false),
        (.timeout(.firstByte), .timeout, true), (.refusedAddress("127.0.0.1"), .connection, false),
        (.tooLarge(limit: 5), .answer, false), (.truncated(detail: "cut"), .connection, true),
        (.malformed(detail: "gzip"), .answer, true), (.redirect(status: 302, to: "https://x"), .answer, false),
    ])
    func `a transfer that failed has a class and is passing or not`(
        error: OutboundError, failure: FailureClass, isPassing: Bool
    ) {
        let fault = SystemFault(error, of: "SAP")
        #expect(fault.failure == failure)
        #expect(fault.isPassing == isPassing)
        #expect(fault.system == "SAP")
    }

    @Test func `what a system says becomes one short line`() {
        #expect(SystemFault.cleaned("  a\r\n\tb\u{1B}[31m  c \u{0} ") == "a b [31m c")
        let long = SystemFault(.answer, String(repeating: "æ", count: 500))
        #expect(long.detail.count == 200)
        #expect(long.detail.hasSuffix("…"))
    }

    @Test func `a secret the system echoes does not leave the connector`() {
        let fault = SystemFault(.login, "no user with hemmelig! / hemmelig!").withholding(["hemmelig!"])
        #expect(fault.detail == "no user with <redacted> / <redacted>")
    }

    @Test(arguments: ["hem  me\tlig", String(repeating: "k", count: 100)])
    func `a secret that would be folded or cut does not leave it either`(secret: String) throws {
        let words = String(repeating: "x", count: 150) + " " + secret
        let problem = SystemFault(
            problem: Array(try JSON.encode(["title": words, "code": secret])), status: 400, headers: HTTPHeaders(),
            withholding: [secret])
        #expect(problem.detail == String(repeating: "x", count: 150) + " <redacted>")
        #expect(problem.code == "<redacted>")
        let error = ["error": ["code": "", "message": words]]
        let sap = SystemFault(
            sapStatus: 401, headers: HTTPHeaders(), body: try JSON.encode(error), isLogin: true, withholding: [secret])
        #expect(sap.detail == problem.detail)
    }
}
