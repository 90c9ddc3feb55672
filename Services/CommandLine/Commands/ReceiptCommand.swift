import ArgumentParser
import CoreTypes
import Foundation
import JSON
import MonitorAPI
import RPC
import SchedulerAPI

struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "Signed receipts of imports; check them anywhere with 'sluice verify receipt'.",
        subcommands: [Show.self, Export.self, Key.self])

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show the receipt of a run.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String

        func perform(_ session: Session) async throws {
            let response = try await session.call(FetchReceipt(runID: try session.run(run)))
            let document = response.receipt.document
            try session.output.show(response) {
                SignedReceipt.receipt(in: document).map { ReceiptLines($0, session.texts).all() } ?? [document]
            }
        }
    }

    struct Export: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the receipts of a connection, one a line, in the order of their chain.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection.") var connection: String
        @Option(help: ArgumentHelp("Only those made from this day (UTC) on.", valueName: "yyyy-mm-dd"))
        var from: CalendarDay?
        @Option(help: ArgumentHelp("Only those made up to and on this day (UTC).", valueName: "yyyy-mm-dd"))
        var to: CalendarDay?

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            var last: Int64?
            while true {
                let receipts = try await session.call(
                    ListReceipts(connectionID: id, from: from?.start, to: to?.next.start, after: last)
                ).receipts
                guard let end = receipts.last else { break }
                // A program wants the same lines as a person: they are JSON, and what 'verify' reads.
                for receipt in receipts { print(receipt.document) }
                last = end.number
            }
            guard last != nil else {
                throw ServiceError(.notFound, reason: "no_receipts", arguments: ["connection": connection])
            }
        }
    }

    struct Key: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public key that receipts are checked with; save it to a file.")
        @OptionGroup var common: CommonOptions

        func perform(_ session: Session) async throws {
            let answer = try await session.call(FetchVerifyingKey())
            try session.output.show(answer) { [answer.receiptPublicKey ?? answer.publicKey] }
        }
    }
}

extension CalendarDay {
    fileprivate var start: Instant { Instant(seconds: Int64(daysSince1970) * 86_400) }
    fileprivate var next: CalendarDay { CalendarDay(daysSince1970: daysSince1970 + 1) }
}
