import ArgumentParser
import CoreTypes
import Foundation

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs, for errors too.")
    var json = false

    @Option(
        name: [.long, .customLong("deadline")],
        help: ArgumentHelp("How long to wait for an answer, in seconds.", valueName: "seconds"))
    var timeout: Int = 15

    @Option(help: "The language of texts: da or en. Without it, the one of LANG.")
    var language: Language?

    var chosenLanguage: Language {
        language ?? (ProcessInfo.processInfo.environment["LANG"]?.hasPrefix("da") == true ? .danish : .english)
    }

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout is 1 to 3600 seconds.") }
    }
}

/// A command that talks to services: opens a session, performs, and turns errors into text and exit code.
protocol SessionCommand: AsyncParsableCommand {
    var common: CommonOptions { get }
    func perform(_ session: Session) async throws
}

extension SessionCommand {
    mutating func run() async throws {
        let session = Session(options: common)
        do {
            try await perform(session)
        } catch {
            await session.close()
            throw session.report(error)
        }
        await session.close()
    }
}
