import ArgumentParser
import CoreTypes
import Foundation
import JSON
import RPC

/// All methods, from the services themselves.
struct ListMethodsCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the methods of one service or of all.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "scheduler, importer, monitor, notifier, billing or sandbox.") var service: String?

    func perform(_ session: Session) async throws {
        var methods: [JSONValue] = []
        for name in service.map({ [$0] }) ?? ServiceClients.names {
            let document = try await session.clients.raw(
                "rpc.discover", nil, at: name, session.callOptions(for: .read))
            if case .array(let found)? = document["methods"] { methods += found }
        }
        var table = Table("method", "effect", "what it does")
        for method in methods {
            table.add(method.text("name"), method.text("x-effect"), method.text("summary"))
        }
        try session.output.show(JSONValue.array(methods)) { table.lines() }
    }
}

struct DescribeMethodCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Show one method: parameters, answer, errors, who may call it, an example.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "As scheduler.startRun.") var method: String

    func perform(_ session: Session) async throws {
        let document = try await session.clients.raw(
            "rpc.discover", nil, at: ServiceClients.service(of: method), session.callOptions(for: .read))
        guard case .array(let methods)? = document["methods"],
            let found = methods.first(where: { $0.text("name") == method })
        else { throw ServiceError(.unimplemented, reason: "method_unknown", arguments: ["method": method]) }
        try session.output.show(found) { Self.indented(found) }
    }

    static func indented(_ value: JSONValue, _ indentation: String = "") -> [String] {
        guard case .object(let members) = value else { return [indentation + value.short] }
        return members.flatMap { key, value -> [String] in
            switch value {
            case .object: ["\(indentation)\(key)"] + indented(value, indentation + "  ")
            case .array(let elements) where elements.contains(where: \.isObject):
                ["\(indentation)\(key)"] + elements.flatMap { indented($0, indentation + "  - ") }
            default: ["\(indentation)\(key)  \(value.short)".singleLine]
            }
        }
    }
}

struct CallCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call any method by name with JSON, and print the JSON answer.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "As scheduler.listMerchants.") var method: String
    @Argument(help: "The parameters as JSON, or - to read them from standard input.") var parameters = "{}"
    @Option(help: "Makes a call that may not be repeated repeatable: same key, same answer.") var idempotencyKey:
        String?

    func perform(_ session: Session) async throws {
        let text = parameters == "-" ? Self.standardInput() : parameters
        let value: JSONValue
        do {
            value = try JSON.decode(JSONValue.self, from: text)
        } catch {
            throw ValidationError("The parameters are not JSON: \(error)")
        }
        var options = session.callOptions(for: .read)
        options.idempotencyKey = idempotencyKey
        let answer = try await session.clients.raw(
            method, value, at: ServiceClients.service(of: method), options)
        print(try JSON.encodeText(answer))
    }

    private static func standardInput() -> String {
        String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
    }
}

extension JSONValue {
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    fileprivate func text(_ key: String) -> String {
        guard case .string(let text)? = self[key] else { return "" }
        return text
    }

    fileprivate var isObject: Bool {
        if case .object = self { true } else { false }
    }

    var short: String {
        if case .string(let text) = self { return text }
        return (try? JSON.encodeText(self)) ?? ""
    }
}
