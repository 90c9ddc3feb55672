import ArgumentParser
import CoreTypes
import ImporterAPI
import RPC
import SchedulerAPI

struct SystemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Add, list and probe a merchant's ERP and webshop.",
        subcommands: [Add.self, List.self, Probe.self, SetCredentials.self])

    struct Add: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a system; its credentials are sealed here, and only importers can open them.")
        @OptionGroup var common: CommonOptions
        @Option(help: "Whose system it is.") var merchant: String
        @Option(help: "What the merchant calls it.") var name: String
        @Option(help: "sapBusinessOne, genericWebshop, or directWebshop for a shop without staging.")
        var kind: SystemKind
        @Option(help: "https://host[:port][/path]") var url: String
        @Option(
            help: "A setting of the connector that is no secret; SAP needs companyDatabase=NAME. May be repeated.")
        var option: [String] = []
        @OptionGroup var credentials: CredentialOptions

        func perform(_ session: Session) async throws {
            let merchantID = try await session.merchantID(merchant)
            let sealed = try await credentials.sealed(
                for: Placement(merchantID: merchantID, kind: kind, baseURL: baseURL), session)
            let response = try await session.call(
                CreateSystem(
                    merchantID: merchantID, name: name, kind: kind, baseURL: baseURL, options: try pairs(option),
                    credentials: sealed))
            try session.output.show(response) { ["\(response.system.systemID)  \(response.system.name)"] }
        }

        /// As it was pasted from a browser, without the slash behind it: credentials are sealed for exactly one address.
        var baseURL: String { String(url.reversed().drop { $0 == "/" }.reversed()) }
    }

    struct SetCredentials: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-credentials", abstract: "Replace the credentials of a system.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Name or id.") var system: String
        @Option(help: "Whose system it is.") var merchant: String
        @Option(help: "Why; kept with the change.") var reason: String
        @OptionGroup var credentials: CredentialOptions

        func perform(_ session: Session) async throws {
            let merchantID = try await session.merchantID(merchant)
            let id = try await session.system(system, of: merchant)
            let known = try await session.call(ListSystems(merchantID: merchantID)).systems
            guard let found = known.first(where: { $0.systemID == id }) else {
                throw ServiceError(.notFound, reason: "nothing_matches", arguments: ["kind": "system", "text": system])
            }
            let sealed = try await credentials.sealed(
                for: Placement(merchantID: merchantID, kind: found.kind, baseURL: found.baseURL), session)
            let response = try await session.call(UpdateSystem(systemID: id, credentials: sealed, reason: reason))
            try session.output.show(response) { ["The credentials of \(response.system.name) were replaced."] }
        }
    }

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List a merchant's systems.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The merchant.") var merchant: String

        func perform(_ session: Session) async throws {
            let id = try await session.merchantID(merchant)
            let response = try await session.call(ListSystems(merchantID: id))
            var table = Table("id", "name", "kind", "address")
            for system in response.systems {
                table.add("\(system.systemID)", system.name, system.kind.rawValue, system.baseURL)
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Probe: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check access step by step, as a run does first; says what is wrong and what to do.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Name or id.") var system: String
        @Option(help: "Whose system it is; needed with a name.") var merchant: String?

        func perform(_ session: Session) async throws {
            let id = try await session.system(system, of: merchant)
            let response = try await session.call(ProbeSystem(systemID: id))
            try session.output.show(response) { lines(response, session.texts) }
            if response.steps.contains(where: { $0.failure != nil }) { throw ExitCode.notDone }
        }

        private func lines(_ answer: ProbeSystem.Response, _ texts: TextLookup) -> [String] {
            var lines = answer.steps.map { step in
                let mark = step.failure == nil ? "ok  " : "FAIL"
                return "\(mark)  \(step.name.padded(to: 20)) \(step.durationMs) ms  \(step.detail ?? "")".singleLine
            }
            if let failed = answer.steps.first(where: { $0.failure != nil }) {
                lines += [""] + texts.guidance(failed, of: system)
            } else if let version = answer.version {
                lines.append("Version \(version)".singleLine)
            }
            return lines
        }
    }
}

/// `name=value` arguments as a dictionary.
func pairs(_ arguments: [String]) throws -> [String: String] {
    var result: [String: String] = [:]
    for argument in arguments {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            throw ValidationError("'\(argument)' should be name=value.")
        }
        result[String(argument[..<equals])] = String(argument[argument.index(after: equals)...])
    }
    return result
}
