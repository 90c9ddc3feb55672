import CoreTypes
import Logging
import MonitorAPI
import RPC
import ServiceRuntime

extension MonitorHandlers {
    func setMonitoring(_ request: SetMonitoring, _ context: CallContext) async throws -> SetMonitoring.Response {
        try Self.check(reason: request.reason)
        let policy = try await database.changePolicy(
            of: request.connectionID, by: context.peer.label, because: request.reason, at: now,
            environment.crashPoints
        ) { $0.isOn = request.on }
        log("Monitoring was switched.", policy, context)
        return SetMonitoring.Response(policy: policy)
    }

    func setPolicy(_ request: SetPolicy, _ context: CallContext) async throws -> SetPolicy.Response {
        try Self.check(reason: request.reason)
        let now = now
        var rules = request.rules
        rules.mustHave = Array(Set(rules.mustHave)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try rules.check(at: now)
        let policy = try await database.changePolicy(
            of: request.connectionID, expectedVersion: request.expectedVersion, by: context.peer.label,
            because: request.reason, at: now, environment.crashPoints
        ) { [rules] state in
            state.isOn = request.on
            state.rules = rules
        }
        log("A policy was set.", policy, context)
        return SetPolicy.Response(policy: policy)
    }

    func describePolicy(_ request: DescribePolicy, _ context: CallContext) async throws -> DescribePolicy.Response {
        DescribePolicy.Response(policy: try await database.policy(of: request.connectionID))
    }

    func fetchRules(_ request: FetchRules, _ context: CallContext) async throws -> FetchRules.Response {
        try await database.mustHave(of: request.connectionID)
    }

    private func log(_ what: Logger.Message, _ policy: MonitoringPolicy, _ context: CallContext) {
        environment.logger.notice(
            what,
            metadata: [
                "connection.id": "\(policy.connectionID)", "on": "\(policy.on)", "version": "\(policy.version)",
                "by": "\(context.peer.label)",
            ])
    }

    static func check(reason: String) throws {
        guard (1...200).contains(reason.count) else { throw ServiceError(.invalidArgument, reason: "reason_required") }
    }
}

extension PolicyRules {
    /// Longest list of must-have items, in items and bytes: it travels to the importer and back in each evidence.
    static let mustHaveMax = 1000
    static let mustHaveBytesMax = 32_768
    static let shadowMax = Duration.seconds(90 * 86_400)

    /// - Throws: `invalidArgument`: `number_out_of_range`, `must_have_invalid` or `shadow_too_long`.
    func check(at now: Instant) throws {
        try Self.check(tolerance, in: 0...10_000, "tolerance")
        if let dropGuard {
            try Self.check(dropGuard.items, in: 0...1_000_000, "dropGuard.items")
            try Self.check(dropGuard.percent, upTo: 100, "dropGuard.percent")
        }
        try Self.check(controlTotals.priceChangePercent, upTo: 100_000, "controlTotals.priceChangePercent")
        try Self.check(controlTotals.stockSumPercent, upTo: 100_000, "controlTotals.stockSumPercent")
        if let zeroPrices = controlTotals.zeroPrices {
            try Self.check(zeroPrices, in: 0...10_000_000, "controlTotals.zeroPrices")
        }
        if let shadowUntil, shadowUntil > now + Self.shadowMax {
            throw ServiceError(.invalidArgument, reason: "shadow_too_long", arguments: ["days": "90"])
        }
        try checkMustHave()
    }

    private func checkMustHave() throws {
        let isValid = mustHave.allSatisfy { key in
            // What the source's reader takes for a key: text of at most 100 characters, none of which is a control.
            (1...100).contains(key.unicodeScalars.count)
                && !key.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        let bytes = mustHave.reduce(0) { $0 + $1.utf8.count }
        guard isValid, mustHave.count <= Self.mustHaveMax, bytes <= Self.mustHaveBytesMax else {
            throw ServiceError(
                .invalidArgument, reason: "must_have_invalid", arguments: ["maximum": "\(Self.mustHaveMax)"])
        }
    }

    private static func check(_ percent: ExactDecimal?, upTo most: Int, _ field: String) throws {
        guard let percent else { return }
        guard !percent.isNegative, percent.scale <= 2, !(ExactDecimal(most) < percent) else {
            throw outOfRange(field, 0, most)
        }
    }

    private static func check(_ number: Int, in range: ClosedRange<Int>, _ field: String) throws {
        guard range.contains(number) else { throw outOfRange(field, range.lowerBound, range.upperBound) }
    }

    private static func outOfRange(_ field: String, _ least: Int, _ most: Int) -> ServiceError {
        ServiceError(
            .invalidArgument, reason: "number_out_of_range",
            arguments: ["field": field, "minimum": "\(least)", "maximum": "\(most)"])
    }
}
