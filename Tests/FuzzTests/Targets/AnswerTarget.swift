import JSON
import RPC

/// One frame as a server might send it.
enum AnswerTarget {
    static func run(_ input: [UInt8]) throws {
        let isRead = input.withUnsafeBytes { bytes in
            do {
                try IncomingFrame.scan(bytes) { frame in
                    switch frame {
                    case .result(_, let node): _ = try? node.decode(TakeAll.Response.self)
                    case .items(_, let node):
                        _ = node.streamBytes
                        _ = try? node.decode([Count.Item].self)
                    case .failure, .hello, .drain, .ignored: break
                    }
                }
                return true
            } catch {
                return false
            }
        }
        guard isRead else { return }
        let message = try JSON.decode(JSONValue.self, from: input)
        try hold(message["jsonrpc"] == .string("2.0"), "taken: \(message)")
    }
}
