import CoreTypes
import Foundation
import RPC
import TestCertificates
import Testing

@testable import RPCTransport

@Suite struct PythonClientTests {
    @Test func `a client in another language, written from the protocol's text, is served`() async throws {
        let service = try await TransportFixture()
        let certificate = try service.authority.service("importer")
        let said = try await run(PythonClient.program, service.port, certificate)
        #expect(
            said == "hello scheduler\necho æøå\nbatch 2\nerror permissionDenied\nitems 3000 counted 3000\nping\ndone\n")
        try await service.stop()
    }

    @Test func `a client of another authority hears by an alert that it is refused`() async throws {
        let service = try await TransportFixture()
        let stranger = try TestAuthority().service("importer")
        let said = try await run(
            PythonClient.program, service.port, stranger, trusting: service.authority.certificatePath)
        #expect(said == "refused\n")
        #expect(service.server.connections.isEmpty)
        try await service.stop()
    }

    private func run(
        _ program: String, _ port: Int, _ certificate: TestCertificate, trusting authority: String? = nil
    ) async throws -> String {
        let arguments = [
            "python3", "-c", program, "\(port)", certificate.certificatePath, certificate.keyPath,
            authority ?? certificate.authorityPath,
        ]
        return try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: reading a pipe blocks.
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let process = Process()
                        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                        process.arguments = arguments
                        process.environment = ["PYTHONIOENCODING": "utf-8", "PATH": "/usr/local/bin:/usr/bin:/bin"]
                        let output = Pipe()
                        process.standardOutput = output
                        try process.run()
                        let said = output.fileHandleForReading.readDataToEndOfFile()
                        process.waitUntilExit()
                        return String(decoding: said, as: UTF8.self)
                    })
            }
        }
    }
}

private enum PythonClient {
    static let program = """
        import json, socket, ssl, struct, sys

        port, cert, key, ca = sys.argv[1:5]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(ca)
        context.load_cert_chain(cert, key)

        def take(count):
            data = b""
            while len(data) < count:
                more = tls.recv(count - len(data))
                if not more: raise EOFError
                data += more
            return data

        def receive():
            return json.loads(take(struct.unpack(">I", take(4))[0]))

        def send(message):
            data = json.dumps(message, ensure_ascii=False).encode()
            tls.sendall(struct.pack(">I", len(data)) + data)

        def request(number, method, params, **meta):
            return {"jsonrpc": "2.0", "id": number, "method": method, "params": params, "meta": meta}

        plain = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
        tls = context.wrap_socket(plain)
        try:
            hello = receive()
        except ssl.SSLError:
            print("refused")
            sys.exit()
        assert hello["method"] == "rpc.hello" and hello["params"]["version"] == 1
        print("hello", hello["params"]["service"])

        send(request("first", "echo.say", {"text": "æøå"}, deadlineMs=5000))
        print("echo", receive()["result"]["text"])

        send([request(1, "echo.say", {"text": "a"}), request(2, "echo.say", {"text": "b"})])
        print("batch", len(receive()))

        send(request(3, "echo.restart", {}))
        print("error", receive()["error"]["data"]["status"])

        send(request(4, "echo.count", {"to": 3000, "padding": 1000}, deadlineMs=20000))
        items = []
        while True:
            message = receive()
            if message.get("method") == "rpc.stream":
                batch = message["params"]["items"]
                items += batch
                # One byte for each comma or bracket and the text of each item as it was sent.
                spent = sum(len(json.dumps(item, separators=(",", ":"))) + 1 for item in batch)
                send({"jsonrpc": "2.0", "method": "rpc.credit", "params": {"id": 4, "bytes": spent}})
            else:
                break
        assert [item["number"] for item in items] == list(range(1, 3001))
        print("items", len(items), "counted", message["result"]["counted"])

        send(request(5, "rpc.ping", {}))
        assert receive()["id"] == 5
        print("ping")
        tls.unwrap()
        print("done")
        """
}
