import SupportCommandLine

@main
enum Main {
    static func main() async { await SluiceCommand.runAndExit() }
}
