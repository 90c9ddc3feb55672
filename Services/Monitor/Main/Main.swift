import MonitorAPI
import MonitorService
import Persistence
import RPC
import ServiceRuntime

@main
enum Main {
    static func main() async {
        await ServiceMain.run("monitor") { settings, environment in
            let network = try Network(reading: settings, environment)
            let configuration = try MonitorConfiguration(reading: settings)
            let database = try MonitorDatabase(.file(configuration.databasePath))
            var router = Router(of: MonitorAPI.name, environment)
            router.reportHealth({ await database.fault() }, notes: database.healthNotes)
            let monitor = MonitorService(
                database: database, signer: configuration.signer, receiptKey: configuration.receiptKey, router: router,
                environment: environment)
            return try monitor.loops + [network.server(monitor.router)]
        }
    }
}
