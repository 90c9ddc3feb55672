import Persistence
import RPC
import SandboxAPI
import SandboxService
import ServiceRuntime

@main
enum Main {
    static func main() async {
        await ServiceMain.run("sandbox") { settings, environment in
            let network = try Network(reading: settings, environment)
            let configuration = try SandboxConfiguration(reading: settings)
            let database = try SandboxDatabase.open(.file(configuration.databasePath))
            var router = Router(of: SandboxAPI.name, environment)
            router.reportHealth { await database.fault() }
            let sandbox = try await SandboxService(
                configuration, database: database, router: router, environment: environment)
            return try sandbox.loops + [network.server(sandbox.router)]
        }
    }
}
