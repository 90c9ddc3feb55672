import ArgumentParser
import CoreTypes
import RPC
import SchedulerAPI

struct SwitchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch", abstract: "Switch a merchant's integration, one module or one connection off and on.",
        subcommands: [On.self, Off.self, History.self])

    struct Target: ParsableArguments {
        @Option(help: "The merchant; the whole integration, unless one of the next two is given.")
        var merchant: String?
        @Option(help: "One module of the merchant: products, prices or stock.") var module: Module?
        @Option(help: "One connection.") var connection: String?
        @Option(help: "Why; shown to the merchant.") var reason: String

        func validate() throws {
            guard (merchant == nil) != (connection == nil) else {
                throw ValidationError("Give either --merchant (with --module, for one module) or --connection.")
            }
            guard module == nil || merchant != nil else { throw ValidationError("--module needs --merchant.") }
        }

        func set(_ on: Bool, _ session: Session) async throws {
            let request: SetSwitch
            if let connection {
                let found = try await session.connection(connection)
                request = SetSwitch(
                    merchantID: found.merchantID, level: .connection, connectionID: found.connectionID, on: on,
                    reason: reason)
            } else {
                let id = try await session.merchantID(merchant ?? "")
                request = SetSwitch(
                    merchantID: id, level: module == nil ? .integration : .module, module: module, on: on,
                    reason: reason)
            }
            let response = try await session.call(request)
            try session.output.show(response) { [SwitchCommand.line(response.state)] }
        }
    }

    struct On: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Switch on.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var target: Target

        func perform(_ session: Session) async throws { try await target.set(true, session) }
    }

    struct Off: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch off: nothing starts any more, by hand neither. A run in hand ends by itself.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var target: Target

        func perform(_ session: Session) async throws { try await target.set(false, session) }
    }

    struct History: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show who changed what, when and why.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String

        func perform(_ session: Session) async throws {
            let response = try await session.call(
                ListChanges(merchantID: try await session.merchantID(merchant)))
            var table = Table("when", "who", "what", "of", "why")
            for change in response.changes {
                table.add(change.at.local, change.by, change.what, change.subject, change.reason)
            }
            try session.output.show(response) { table.lines() }
        }
    }

    static func line(_ state: SwitchState) -> String {
        let name =
            switch state.level {
            case .integration: "integration"
            case .module: "module \(state.module?.rawValue ?? "")"
            case .connection: "connection \(state.connectionID.orDash)"
            }
        var line = "\(state.isOn ? "on " : "OFF")  \(name)"
        if let by = state.changedBy, let at = state.changedAt {
            line += "  (\(by), \(at.local): \(state.reason ?? ""))"
        }
        return line.singleLine
    }
}
