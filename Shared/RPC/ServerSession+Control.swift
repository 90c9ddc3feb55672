import CoreTypes
import JSON

// The notifications by which a client steers its own calls.
extension ServerSession {
    /// Sends the first frame of the connection.
    public func sendHello() {
        let writer = JSONWriter()
        writer.append(raw: #"{"jsonrpc":"2.0","method":"rpc.hello","params":"#)
        do {
            try writer.append(value: ServerHello(service: router.service, limits: limits))
        } catch {
            preconditionFailure("the hello of this build cannot be written: \(error)")
        }
        writer.append(raw: "}")
        outlet.send(writer.bytes)
    }

    /// - Returns: false when the notification is not one of the protocol's own.
    func receiveControl(_ envelope: Envelope) -> Bool {
        if envelope.method.elementsEqual("rpc.credit".utf8) {
            if let (id, node) = reference(in: envelope), let bytes = node["bytes"]?.int64 {
                call(id)?.stream?.grant(Int(clamping: bytes))
            }
            return true
        }
        if envelope.method.elementsEqual("rpc.cancel".utf8) {
            if let (id, _) = reference(in: envelope) { call(id)?.stop(.callCancelled) }
            return true
        }
        return false
    }

    /// The call that a notification is about. A call may have ended while it was on the way: that is no fault.
    private func reference(in envelope: Envelope) -> (CallID, JSONNode)? {
        guard let params = envelope.params, let id = params["id"].flatMap(CallID.init) else { return nil }
        return (id, params)
    }
}
