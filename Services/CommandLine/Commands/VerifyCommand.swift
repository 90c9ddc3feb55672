import ArgumentParser
import CoreTypes
import Foundation
import JSON
import Keys
import MonitorAPI

/// Works alone: no service, no settings, no network.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check what Sluice has signed, with the public key alone.",
        subcommands: [Receipts.self])

    struct Receipts: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipt",
            abstract: "Check receipts: signatures, that no byte was changed, and that none is missing between.",
            discussion: """
                What a file cannot show is that receipts are missing at its beginning or its end: compare the first \
                number and the digest of the last with what you know. Exit code 1 means that something is wrong.
                """)
        @Argument(help: "The file, as 'sluice receipt export' writes it; '-' for standard input.") var file: String
        @Option(help: "File with the public key; may be repeated, if the key was changed meanwhile.") var key: [String]
        @Flag(help: "Print JSON for programs.") var json = false

        func run() throws {
            let output = Output(isJSON: json)
            do {
                let chains = try ReceiptVerifier(keys: try key.map(Self.readKey)).check(try Self.read(file))
                try output.show(chains) { chains.flatMap(Self.lines) }
            } catch {
                Output.complain("sluice: \(error)")
                throw ExitCode.failure
            }
        }

        private static func lines(_ chain: CheckedChain) -> [String] {
            let numbers =
                chain.first == chain.last ? "receipt \(chain.first)" : "receipts \(chain.first) to \(chain.last)"
            return [
                "Genuine: \(numbers) of \(chain.connectionLabel) (\(chain.connection)).".singleLine,
                chain.first == 1
                    ? "  They begin with the first receipt there is." : "  Earlier ones are not in this file.",
                "  Digest of the last: \(chain.head)",
            ]
        }

        private static func readKey(_ path: String) throws -> VerifyingKey {
            do {
                return try VerifyingKey(rawRepresentation: KeyFile.read(path).reveal())
            } catch {
                throw NoReceiptKey(path: path)
            }
        }

        private static func read(_ path: String) throws -> [UInt8] {
            if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
            guard let data = FileManager.default.contents(atPath: path) else { throw UnreadableFile(path: path) }
            return Array(data)
        }
    }
}

private struct UnreadableFile: Error, CustomStringConvertible {
    var path: String
    var description: String { "The file \(path) cannot be read." }
}

private struct NoReceiptKey: Error, CustomStringConvertible {
    var path: String
    var description: String {
        "The file \(path) does not hold the key that receipts are checked with. 'sluice receipt key' prints it."
    }
}
