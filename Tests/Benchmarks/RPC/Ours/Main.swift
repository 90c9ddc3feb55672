import Candidate

/// Sluice's own transport, as server or as client.
@main
enum Main {
    static func main() async throws {
        let arguments = Arguments()
        if arguments.role == "server" {
            try await serve(arguments)
        } else {
            endWithDriver()
            try await Caller(arguments).run().print()
        }
    }
}
