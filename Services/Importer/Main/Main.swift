import ImporterAPI
import ImporterService
import MonitorAPI
import RPC
import SchedulerAPI
import ServiceRuntime

@main
enum Main {
    static func main() async {
        await ServiceMain.run("importer") { settings, environment in
            let network = try Network(reading: settings, environment)
            let scheduler = try network.client(of: SchedulerAPI.self)
            let monitor = try network.client(of: MonitorAPI.self)
            let importer = try await ImporterService(
                try ImporterConfiguration(reading: settings), environment,
                router: Router(of: ImporterAPI.name, environment), scheduler: scheduler, monitor: monitor)
            return try importer.loops + [network.server(importer.router, closing: [scheduler, monitor])]
        }
    }
}
