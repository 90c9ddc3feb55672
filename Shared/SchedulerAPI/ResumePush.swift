public import CoreTypes
public import RPC

/// An importer asks to bring a publish to its end that stands half done at a shop without staging.
///
/// It is queued as a run of its own, for this importer alone, whatever is switched off, parked or frozen: a shop must not
/// stay mixed because somebody threw a switch. The run reads nothing of the source and starts nothing new.
public struct ResumePush: RPCRequest {
    public static let method: MethodName = "scheduler.resumePush"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Queues a run that brings a half-done publish to its end, switched off or not."
    public static let callers = Callers.services("importer")

    /// The run whose publish is half done.
    public var runID: RunID

    /// Whose set was to be brought back, where it stands half done because a rollback was cut off; else nil.
    public var returningTo: RunID?

    public init(runID: RunID, returningTo: RunID? = nil) {
        self.runID = runID
        self.returningTo = returningTo
    }

    public enum Answer: String, Codable, Sendable, CaseIterable {
        /// A run was queued for it.
        case queued
        /// The connection has a run that is not over; each begins with what was left half done.
        case active
        /// The connection failed so often that it is left alone for a while: ask again later.
        case later
        /// Another importer has had the connection since, or it has no such shop any more: nothing is known of these rows.
        case overtaken
    }

    public struct Response: Codable, Sendable, Equatable {
        public var answer: Answer
        /// The run that was queued, or is not over.
        public var runID: RunID?

        public init(_ answer: Answer, runID: RunID? = nil) {
            self.answer = answer
            self.runID = runID
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(runID: .example, returningTo: .example), Response(.queued, runID: .example))
    }
}
