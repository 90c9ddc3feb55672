import ArgumentParser
import BillingAPI
import CoreTypes
import RPC

struct UsageCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Show what a merchant used in a month.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The merchant.") var merchant: String
    @Option(help: "As 2026-03; without it the present one.") var month: BillingMonth?

    func perform(_ session: Session) async throws {
        let id = try await session.merchantID(merchant)
        let response = try await session.call(DescribeUsage(merchantID: id, month: month))
        try session.output.show(response) {
            var table = Table("what", "quantity", "amount")
            for total in response.totals {
                table.add(
                    total.kind.rawValue, "\(total.quantity)",
                    "\(total.amount.minorUnits / 100).\(padded(total.amount.minorUnits % 100)) \(total.amount.currency)"
                )
            }
            return ["\(response.month), plan \((response.plan?.name).orDash)"] + table.lines()
        }
    }

    private func padded(_ cents: Int64) -> String { cents < 10 ? "0\(cents)" : "\(cents)" }
}
