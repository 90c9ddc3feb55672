import CoreTypes
import RPC
import SandboxAPI
import TestInstallation

/// The outside world of an installation: simulated ERPs, shops and the mailbox.
struct SimulatedSystems: Sendable {
    let calls: Calls

    func createERP(_ name: String, items: Int, seed: Int64, password: String? = nil) async throws {
        _ = try await calls(
            CreateSystem(
                name: name, kind: .sapBusinessOne, seed: seed, items: items, priceLists: 2, warehouses: 2,
                password: password, allFields: false))
    }

    func createShop(_ name: String, apiKey: String? = nil, isDirect: Bool = false) async throws {
        let kind = isDirect ? SandboxKind.directWebshop : .genericWebshop
        _ = try await calls(CreateSystem(name: name, kind: kind, apiKey: apiKey, requestsPerSecond: 5000))
    }

    func order(_ fault: Fault, at system: String) async throws {
        _ = try await calls(Misbehave(system: system, fault: fault))
    }

    func empty(_ erp: String) async throws { try await order(Fault(.emptyAnswer), at: erp) }

    func slow(_ system: String, milliseconds: Int) async throws {
        try await order(Fault(.slow, milliseconds: milliseconds), at: system)
    }

    /// Items appear in the part that has been read, once: a second reading finds them.
    func insertWhileReading(_ erp: String) async throws {
        try await order(Fault(.insertWhileReading, count: 2, page: 1, times: 1), at: erp)
    }

    /// The next commit is answered as usual, and a row is gone afterwards.
    func loseRows(_ shop: String) async throws {
        try await order(Fault(.dropRowsAfterCommit, count: 1, times: 1), at: shop)
    }

    func repairBoth(_ merchant: Merchant) async throws {
        try await repair(merchant.erp)
        try await repair(merchant.shop)
    }

    func refuseMail() async throws { try await order(Fault(.refuseRecipient), at: "mailbox") }

    func repair(_ system: String) async throws { _ = try await calls(Repair(system: system)) }

    /// How often a fault has shown so far; nil when it is not in force (any more).
    func occurrences(of kind: FaultKind, at system: String) async throws -> Int? {
        let systems = try await calls(ListSystems()).systems
        return systems.first { $0.name == system }?.faults.first { $0.fault.kind == kind }?.occurred
    }

    func openImports(of shop: String) async throws -> [String] {
        try await calls(DescribeShop(system: shop)).openImports.map(\.id)
    }

    /// Every sellable item of an ERP.
    func items(of erp: String) async throws -> [SandboxItem] {
        var all: [SandboxItem] = []
        while true {
            let page = try await calls(ListItems(system: erp, after: all.last?.code, limit: 500)).items
            all += page
            if page.count < 500 { return all.filter(\.sellable) }
        }
    }

    struct ReceivedMail: Sendable {
        var messageID: String
        var recipients: [String]
        var subject: String
        var text: String
    }

    /// All mails to some addresses, or to everybody, the oldest first. A mail to two of them is there twice.
    func mails(to addresses: [String]? = nil) async throws -> [ReceivedMail] {
        var found: [MailSummary] = []
        for address in addresses.map({ $0.map(Optional.some) }) ?? [nil] {
            let page = try await calls(ListMail(recipient: address, limit: 500)).mails
            guard page.count < 500 else { throw Installation.Failure(text: "more mails than one look can see") }
            found += page
        }
        var mails: [ReceivedMail] = []
        for summary in found.sorted(by: { $0.id < $1.id }) {
            let mail = try await calls(ReadMail(id: summary.id))
            mails.append(
                ReceivedMail(
                    messageID: mail.headers.first { $0.name.lowercased() == "message-id" }?.value ?? "",
                    recipients: mail.mail.recipients, subject: mail.mail.subject, text: mail.text))
        }
        return mails
    }
}

/// A catalogue that changes from generation to generation, all of it at once as far as a reader is concerned: marked
/// items have the generation as their price and as their stock, and one item comes and one goes.
struct ChangingCatalogue: Sendable {
    static let markedCount = 20
    /// Items that generations have added and that are still there.
    static let keptCount = 3

    let calls: Calls
    let erp: String
    let marked: [String]

    /// - Parameter step: Every so many items one is marked, so that marks are on all pages.
    init(_ systems: SimulatedSystems, erp: String) async throws {
        let items = try await systems.items(of: erp)
        let step = max(1, items.count / Self.markedCount)
        calls = systems.calls
        self.erp = erp
        marked = stride(from: 0, to: items.count, by: step).prefix(Self.markedCount).map { items[$0].code }
    }

    func advance(to generation: Int) async throws {
        _ = try await calls(
            EditItems(system: erp, codes: marked, price: "\(generation).5", stock: "\(generation)"))
        _ = try await calls(
            AddItem(
                system: erp, code: "GENERATION-\(generation)", name: "Added by generation \(generation)",
                price: "\(generation)", stock: "\(generation)"))
        _ = try await calls(DeleteItem(system: erp, code: "GENERATION-\(generation - Self.keptCount)"))
    }
}
