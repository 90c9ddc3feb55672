import BillingAPI
import BillingService
import Persistence
import RPC
import ServiceRuntime

@main
enum Main {
    static func main() async {
        await ServiceMain.run("billing") { settings, environment in
            let network = try Network(reading: settings, environment)
            let configuration = try BillingConfiguration(reading: settings)
            let database = try BillingDatabase(.file(configuration.databasePath))
            var router = Router(of: BillingAPI.name, environment)
            router.reportHealth({ await database.fault() }, notes: database.healthNotes)
            let billing = BillingService(database: database, router: router, environment: environment)
            return try billing.loops + [network.server(billing.router)]
        }
    }
}
