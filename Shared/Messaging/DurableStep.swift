public import CoreTypes
public import GRDB
public import Persistence

/// A write of a service that later writes build on: one transaction, with a crash point before its commit and one after.
///
/// A service lists its steps in one enum, so that a test can end the process at each of them:
/// `CRASH_AT=<service>.<step>.uncommitted:<n>` and `CRASH_AT=<service>.<step>.committed:<n>`.
public protocol DurableStep: RawRepresentable<String>, CaseIterable, Sendable {
    /// The service's name, before the dot.
    static var service: String { get }
}

extension DurableStep {
    /// Everything is written and nothing is kept yet.
    public var uncommitted: String { "\(Self.service).\(rawValue).uncommitted" }
    /// Everything is kept and nobody has been told yet.
    public var committed: String { "\(Self.service).\(rawValue).committed" }

    /// The crash points of all steps.
    public static var crashPoints: [String] { allCases.flatMap { [$0.uncommitted, $0.committed] } }
}

extension ServiceDatabase {
    /// One transaction that passes the crash points of `step`.
    ///
    /// - Parameter isDone: Whether the step was made: a pass that finds nothing to do passes no crash point.
    public func write<Value: Sendable>(
        _ step: some DurableStep, _ crashPoints: CrashPoints,
        isDone: @escaping @Sendable (Value) -> Bool = { _ in true },
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let value = try await write { db in
            let value = try body(db)
            if isDone(value) { crashPoints.passing(step.uncommitted) }
            return value
        }
        if isDone(value) { crashPoints.passing(step.committed) }
        return value
    }
}
