import BillingAPI
import ImporterAPI
import MonitorAPI
import NotifierAPI
import Persistence
import RPC
import SchedulerAPI
import SchedulerService
import ServiceRuntime

@main
enum Main {
    static func main() async {
        await ServiceMain.run("scheduler") { settings, environment in
            let network = try Network(reading: settings, environment)
            let configuration = try SchedulerConfiguration(reading: settings)
            let database = try SchedulerDatabase.open(.file(configuration.databasePath))
            var router = Router(of: SchedulerAPI.name, environment)
            router.reportHealth({ await database.fault() }) {
                try await SchedulerDatabase.healthNotes(of: database, environment)
            }
            let importers = try network.clients(ofEach: ImporterAPI.self)
            let monitor = try network.client(of: MonitorAPI.self)
            let notifier = try network.client(of: NotifierAPI.self)
            let billing = try network.client(of: BillingAPI.self)
            let scheduler = SchedulerService(
                database: database, configuration: configuration, router: router, importers: importers,
                courier: SchedulerService.courier(monitor: monitor, notifier: notifier, billing: billing),
                environment: environment)
            return try scheduler.loops + [
                network.server(scheduler.router, closing: importers + [monitor, notifier, billing])
            ]
        }
    }
}
