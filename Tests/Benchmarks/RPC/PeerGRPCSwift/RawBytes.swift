import GRPCCore

/// Messages as they are: no generated code stands between gRPC and the figures.
struct RawBytes: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) -> Bytes { Bytes(message) }

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}

/// Fixed sizes, as those of the other candidates; the number comes first.
enum Message {
    static let requestBytes = 124
    static let responseBytes = 125
    static let itemBytes = 117

    static func make(_ number: Int, bytes: Int) -> [UInt8] {
        var message = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        withUnsafeBytes(of: number) { message.replaceSubrange(0..<$0.count, with: $0) }
        return message
    }

    static func number(of message: [UInt8]) -> Int {
        message.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
    }
}

/// `find` answers one request, `list` streams as many items as the request's number says.
enum Stock {
    static let service = ServiceDescriptor(fullyQualifiedService: "stock.Stock")
    static let find = MethodDescriptor(service: service, method: "Find", type: .unary)
    static let list = MethodDescriptor(service: service, method: "List", type: .serverStreaming)
}
