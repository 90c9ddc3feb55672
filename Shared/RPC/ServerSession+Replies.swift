import CoreTypes
import JSON

// Answers, and what of an error a caller may see.
extension ServerSession {
    func send(notification: StaticString) {
        outlet.send(UnsafeRawBufferPointer(start: notification.utf8Start, count: notification.utf8CodeUnitCount))
    }

    /// Sends a finished reply, or adds it to its batch.
    func deliver(_ reply: JSONWriter, to target: ReplyTarget, for id: CallID) {
        switch target {
        case .frame: outlet.send(reply.bytes)
        case .batch(let batch):
            if !batch.add(reply) {
                // The refusal is small; when even that does not fit, the caller learns it from the missing id.
                let error = ServiceError(.outOfRange, reason: "answer_too_large")
                _ = batch.add(self.reply(to: id, Refusal(error), context()))
            }
        }
    }

    func deliver(_ refusal: Refusal, _ context: CallContext, to target: ReplyTarget, for id: CallID?) {
        if let id { deliver(reply(to: id, refusal, context), to: target, for: id) }
        end(target)
    }

    /// Refuses what never became a call.
    func refuse(_ id: CallID?, _ refusal: Refusal, _ target: ReplyTarget, _ meta: CallMeta = CallMeta()) {
        deliver(refusal, context(meta), to: target, for: id)
    }

    /// One message of a batch is done; the last one sends the frame.
    func end(_ target: ReplyTarget) {
        guard case .batch(let batch) = target, let frame = batch.endOne() else { return }
        frame.withUnsafeBytes { outlet.send($0) }
    }

    func reply(to id: CallID, _ refusal: Refusal, _ context: CallContext) -> JSONWriter {
        let reply = JSONWriter()
        reply.beginReply(to: id)
        reply.append(raw: #","error":"#)
        reply.append(refusal, in: context.language, texts: router.texts, requestID: context.requestID)
        reply.append(raw: "}")
        return reply
    }

    /// What the caller sees of an error. What nobody can act on becomes `internal`, and the log gets the whole of it.
    func refusal(for error: any Error, call: Call) -> Refusal {
        if let refusal = error as? Refusal { return refusal }
        if error is CancellationError { return Refusal(ServiceError(.cancelled, reason: "call_cancelled")) }
        let known = (error as? any ServiceErrorConvertible)?.serviceError
        let shown = known ?? ServiceError(.internal, reason: "internal")
        switch shown.status {
        case .internal, .unknown, .dataLoss:
            router.log(
                CallFault(
                    requestID: call.context.requestID, method: call.route.method.rawValue, peer: peer,
                    traceparent: call.context.traceparent, error: error))
        default: break
        }
        return Refusal(shown)
    }

    func record(_ call: Call, _ failure: ServiceError?) {
        let duration = call.started.duration(to: now())
        call.route.statistics.record(duration, failure: failure)
        router.onCallEnded?(
            CallRecord(context: call.context, method: call.route.method, failure: failure, duration: duration))
    }
}

extension ServiceError {
    static let deadlineExceeded = ServiceError(.deadlineExceeded, reason: "deadline_exceeded")
    static let callCancelled = ServiceError(.cancelled, reason: "call_cancelled")
    static let connectionDrains = ServiceError(.unavailable, reason: "connection_drains")
}

extension Refusal {
    static let deadlineExceeded = Refusal(ServiceError.deadlineExceeded)
}
