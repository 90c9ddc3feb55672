import BillingAPI
import CoreTypes
import ImporterAPI
import JSON
import MonitorAPI
import NotifierAPI
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import Testing

/// Who may call what, tried out: every caller with every method of every service, from the declarations alone.
///
/// That each service serves exactly the declared methods is tested beside the services.
@Suite struct RightsTests {
    private static let interfaces: [any RPCInterface.Type] = [
        SchedulerAPI.self, ImporterAPI.self, MonitorAPI.self, NotifierAPI.self, BillingAPI.self, SandboxAPI.self,
    ]

    /// Every service there is, names that only look like one, and people.
    private static let callers: [PeerIdentity] =
        interfaces.map { .service(name: $0.name, instance: "1") }
        + ["dashboard", "gateway", "stranger", "Scheduler", "scheduler2", "importe", "operator", ""]
        .map { .service(name: $0, instance: "1") }
        + ["anna", "scheduler", "importer", ""].map { .operator(name: $0) }

    @Test func `each method lets in the callers it names and refuses every other, before reading what they sent`() {
        var (pairs, refused) = (0, 0)
        for interface in Self.interfaces {
            let probe = RouterProbe(interface)
            for request in interface.requests {
                for caller in Self.callers {
                    let mayCall = Self.isNamed(caller, by: request.callers)
                    // Parameters of another kind: only who is let in hears of that, if the method has any.
                    let handled = probe.handled
                    let answer = probe.ask(request.method.rawValue, params: "[[]]", as: caller)
                    let isRefused = answer == "method_not_permitted" && probe.handled == handled
                    #expect(isRefused == !mayCall, "\(caller.label) calls \(request.method): \(answer)")
                    pairs += 1
                    refused += isRefused ? 1 : 0
                }
            }
        }
        print("rights: \(pairs) pairs of caller and method as declared, \(refused) of them refused")
        #expect(pairs > 500 && refused > pairs / 2)
    }

    @Test func `what is not declared is reached by nobody`() {
        for interface in Self.interfaces {
            let probe = RouterProbe(interface)
            let others = Self.interfaces.filter { $0.name != interface.name }.flatMap { $0.requests }
            var names = others.map { $0.method.rawValue }
            for request in interface.requests {
                let name = request.method.rawValue
                names += [name.uppercased(), " " + name, name + " ", name + "\\u0000", String(name.dropLast())]
                names += [name.split(separator: ".").last.map(String.init) ?? "", name + ".x", "rpc." + name]
            }
            names += [
                "", ".", "rpc.", "rpc.stop", "rpc.hello2", "*", interface.name + ".", "__proto__", "system.listMethods",
            ]
            for name in names {
                for caller in Self.callers {
                    #expect(probe.ask(name, params: "{}", as: caller) == "method_not_found", "\(caller.label): \(name)")
                }
            }
            #expect(probe.handled == 0)
        }
    }

    @Test func `who is named is let in: the declared example reaches the handler`() {
        for interface in Self.interfaces {
            let probe = RouterProbe(interface)
            for request in interface.requests {
                for caller in Self.callers where Self.isNamed(caller, by: request.callers) {
                    let before = probe.handled
                    let answer = probe.askExample(request, as: caller)
                    #expect(probe.handled == before + 1, "\(caller.label) calls \(request.method): \(answer)")
                }
            }
        }
    }

    /// The declaration's meaning, written apart from the router that enforces it.
    private static func isNamed(_ caller: PeerIdentity, by callers: Callers) -> Bool {
        switch caller {
        case .service(let name, _): callers.everyService || callers.services.contains(name)
        case .operator: callers.operators
        }
    }
}

/// The methods of one service with handlers that only count.
private final class RouterProbe {
    private var router: Router
    private let counter = HandledCalls()

    init(_ interface: any RPCInterface.Type) {
        router = Router(service: interface.name, randomness: Randomness { 7 })
        for request in interface.requests { register(request) }
    }

    var handled: Int { counter.count.withLock { $0 } }

    private func register<R: RPCRequest>(_ request: R.Type) {
        if let stream = request as? any RPCStreamRequest.Type { return register(stream: stream) }
        router.register(R.self) { [counter] _, _ in
            counter.count.withLock { $0 += 1 }
            return R.example.response
        }
    }

    private func register<R: RPCStreamRequest>(stream: R.Type) {
        router.register(R.self) { [counter] _, _, _ in
            counter.count.withLock { $0 += 1 }
            return R.example.response
        }
    }

    /// - Returns: The reason of the refusal, or `answered`.
    func ask(_ method: String, params: String, as caller: PeerIdentity) -> String {
        let key = #","meta":{"idempotencyKey":"rights"}"#
        return send(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)\#(key)}"#, as: caller)
    }

    func askExample<R: RPCRequest>(_: R.Type, as caller: PeerIdentity) -> String {
        guard let params = try? JSON.encodeText(R.example.request) else { return "no example" }
        return ask(R.method.rawValue, params: params, as: caller)
    }

    private func send(_ text: String, as caller: PeerIdentity) -> String {
        let answers = Answers()
        let session = ServerSession(router: router, peer: caller, outlet: answers, executor: nil)
        Array(text.utf8).withUnsafeBytes { session.receive($0) }
        session.close()
        guard let answer = answers.last, let value = try? JSON.decode(JSONValue.self, from: answer) else {
            return "no answer"
        }
        return value["error"]?["data"]?["reason"]?.stringValue ?? "answered"
    }
}

private final class HandledCalls: Sendable { let count = Mutex(0) }

/// Keeps the frame sent last.
private final class Answers: SessionOutlet {
    private let frame = Mutex<[UInt8]?>(nil)

    var last: [UInt8]? { frame.withLock { $0 } }

    func send(_ json: UnsafeRawBufferPointer) { frame.withLock { $0 = Array(json) } }
    func wantsFlush() {}
    func armTimer(at _: ContinuousClock.Instant) {}
    func becameIdle() {}
}
