import CoreTypes
import SchedulerAPI

/// What the scheduler refuses, and how a caller sees it.
enum SchedulerFault: Error, Equatable {
    /// A text is empty or too long; `field` is the member's name.
    case textLength(field: String, from: Int, to: Int)
    case outOfRange(field: String, from: Int, to: Int)
    case invalidBaseURL
    case invalidSchedule(String)
    case unknownTimeZone(String)
    /// Mapping or reading cannot work; `field` says which part.
    case invalidSettings(field: String)
    /// A system of this kind cannot do without it.
    case optionMissing(String)
    case switchTargetMismatch
    case credentialsNeeded
    case modulesNotInConnection

    case unknownMerchant(MerchantID)
    case unknownSystem(SystemID)
    case unknownConnection(ConnectionID)
    case unknownRun(RunID)

    case systemOfAnotherMerchant(SystemID)
    case notASource(SystemID)
    case notATarget(SystemID)
    /// The id is that of what has the name.
    case nameTaken(name: String, by: String)

    /// Another connection moves these modules to the same shop; its label where it is the same merchant's.
    case targetAlreadyFed(by: String, modules: [Module])
    case targetFedElsewhere
    case runAlreadyActive(RunID)
    case switchedOff(SwitchRecord)
    /// It failed too often in a row and waits for a person.
    case connectionParked(label: String, tries: Int)
    case overrideNotAllowed
    case runOver(RunID)
    /// The shop is being changed, or has been: too late to cancel.
    case runBeingPublished(RunID)
    /// Nothing is published while it is frozen.
    case publishingFrozen(Freeze)
    case runNotHeld(RunID)
    case heldRunDecided(RunID, HeldState.Decision)
    case noSuchPublishedSet
    /// A newer claim has taken over, or the lease was lost.
    case runSuperseded(RunID)
    /// The run was finished with another report.
    case reportDiffers(RunID)
    case outcomeNotForImporters
    /// A row of the scheduler's own database does not make sense.
    case brokenRow(table: String, id: String)
}

extension SchedulerFault: ServiceErrorConvertible {
    var serviceError: ServiceError {
        switch self {
        case .textLength(let field, let from, let to):
            invalid("text_length", ["field": field, "minimum": "\(from)", "maximum": "\(to)"])
        case .outOfRange(let field, let from, let to):
            invalid("number_out_of_range", ["field": field, "minimum": "\(from)", "maximum": "\(to)"])
        case .invalidBaseURL: invalid("invalid_base_url")
        case .invalidSchedule(let text): invalid("invalid_schedule", ["schedule": text])
        case .unknownTimeZone(let name): invalid("unknown_time_zone", ["timeZone": name])
        case .invalidSettings(let field): invalid("invalid_settings", ["field": field])
        case .optionMissing(let option): invalid("system_lacks_option", ["option": option])
        case .switchTargetMismatch: invalid("switch_target_mismatch")
        case .credentialsNeeded: invalid("credentials_needed_for_new_address")
        case .modulesNotInConnection: invalid("modules_not_in_connection")
        case .outcomeNotForImporters: invalid("outcome_not_for_importers")
        case .systemOfAnotherMerchant(let id): about(.invalidArgument, "system_of_another_merchant", "system", "\(id)")
        case .notASource(let id): about(.invalidArgument, "system_is_no_source", "system", "\(id)")
        case .notATarget(let id): about(.invalidArgument, "system_is_no_target", "system", "\(id)")
        case .unknownMerchant(let id): about(.notFound, "unknown_merchant", "merchant", "\(id)")
        case .unknownSystem(let id): about(.notFound, "unknown_system", "system", "\(id)")
        case .unknownConnection(let id): about(.notFound, "unknown_connection", "connection", "\(id)")
        case .unknownRun(let id): about(.notFound, "unknown_run", "run", "\(id)")
        case .nameTaken(let name, let id):
            ServiceError(.alreadyExists, reason: "name_taken", arguments: ["name": name], references: ["id": id])
        case .targetAlreadyFed(let label, let modules):
            ServiceError(
                .failedPrecondition, reason: "target_already_fed",
                arguments: [
                    "connection": label, "modules": modules.map(\.rawValue).joined(separator: ", "),
                ])
        case .targetFedElsewhere: ServiceError(.failedPrecondition, reason: "target_fed_elsewhere")
        case .runAlreadyActive(let id): about(.failedPrecondition, "run_already_active", "run", "\(id)")
        case .switchedOff(let off): Self.closed(by: off)
        case .connectionParked(let label, let tries):
            ServiceError(
                .failedPrecondition, reason: "connection_parked",
                arguments: ["connection": label, "tries": "\(tries)"])
        case .overrideNotAllowed: ServiceError(.permissionDenied, reason: "override_needs_support")
        case .runBeingPublished(let id): about(.failedPrecondition, "run_being_published", "run", "\(id)")
        case .publishingFrozen(let freeze):
            ServiceError(
                .failedPrecondition, reason: "publishing_frozen",
                arguments: ["by": freeze.by, "since": "\(freeze.since)", "reason": freeze.reason])
        case .runNotHeld(let id): about(.failedPrecondition, "run_not_held", "run", "\(id)")
        case .heldRunDecided(let id, let decision):
            ServiceError(
                .failedPrecondition, reason: "held_run_\(decision.rawValue)", arguments: ["run": "\(id)"],
                references: ["run": "\(id)"])
        case .noSuchPublishedSet: ServiceError(.failedPrecondition, reason: "no_such_published_set")
        case .runOver(let id): about(.failedPrecondition, "run_already_over", "run", "\(id)")
        case .runSuperseded(let id): about(.aborted, "run_superseded", "run", "\(id)")
        case .reportDiffers(let id): about(.aborted, "run_already_reported", "run", "\(id)")
        case .brokenRow(let table, let id):
            ServiceError(.internal, reason: "broken_row", references: ["table": table, "id": id])
        }
    }

    private static func closed(by off: SwitchRecord) -> ServiceError {
        ServiceError(
            .failedPrecondition, reason: "switched_off",
            arguments: [
                "level": off.level.rawValue, "what": off.target, "by": off.changedBy, "since": "\(off.changedAt)",
                "reason": off.reason,
            ])
    }

    private func invalid(_ reason: String, _ arguments: [String: String] = [:]) -> ServiceError {
        ServiceError(.invalidArgument, reason: reason, arguments: arguments)
    }

    private func about(_ status: StatusCode, _ reason: String, _ thing: String, _ id: String) -> ServiceError {
        ServiceError(status, reason: reason, arguments: [thing: id], references: [thing: id])
    }
}
