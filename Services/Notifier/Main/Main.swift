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
            let notifier = NotifierService(
                database: database,
                transport: SMTPTransport(SMTPClient(configuration.mailServer), sender: configuration.sender),
                support: configuration.support, mailDomain: configuration.mailDomain,
                remindEvery: configuration.remindEvery, zone: configuration.zone, router: router,
                environment: environment)
            return try notifier.loops + [network.server(notifier.router)]
        }
    }
}
