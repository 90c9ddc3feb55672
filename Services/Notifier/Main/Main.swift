import NotifierAPI
import NotifierService
import Outbound
import Persistence
import RPC
import ServiceRuntime

@main
enum Main {
    static func main() async {
        await ServiceMain.run("notifier") { settings, environment in
            let network = try Network(reading: settings, environment)
            let configuration = try NotifierConfiguration(reading: settings)
            let database = try NotifierDatabase(.file(configuration.databasePath))
            var router = Router(of: NotifierAPI.name, environment)
            router.reportHealth({ await database.fault() }, notes: database.healthNotes)
            let others = try ["scheduler", "importer", "monitor", "billing"].filter {
                settings.optionalString("address.\($0)") != nil
            }.map { (name: $0, client: try network.client(of: $0)) }
            let own = WatchedService(NotifierAPI.name) {
                let fault = await database.fault()
                return HealthReport(isDatabaseUsable: fault == nil, notes: fault.map { ["\($0)"] } ?? [])
            }
            let notifier = NotifierService(
                database: database,
                transport: SMTPTransport(SMTPClient(configuration.mailServer), sender: configuration.sender),
                support: configuration.support, mailDomain: configuration.mailDomain,
                remindEvery: configuration.remindEvery, zone: configuration.zone,
                watched: [own] + others.map { WatchedService($0.name, through: $0.client) }, router: router,
                environment: environment)
            return try notifier.loops + [network.server(notifier.router, closing: others.map(\.client))]
        }
    }
}
