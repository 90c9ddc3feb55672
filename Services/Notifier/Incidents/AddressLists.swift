import CoreTypes
import GRDB
import NotifierAPI
import Outbound

/// Who hears of a merchant's incidents, and the rules for changing that.
struct AddressLists: Sendable {
    static let longest = 50

    /// The provider's support: put on every new list, and told where a merchant has none.
    let support: RecipientChoice?

    /// Those who want to hear of this. When nobody does, support is told: an incident never goes unheard.
    func recipients(
        for kind: NoticeKind, of connection: ConnectionID, of merchant: MerchantID, _ db: Database
    ) throws -> [RecipientChoice] {
        let listed = try RecipientTable.list(of: merchant, db).map(\.choice)
        let wanting = listed.filter { $0.wants(kind, of: connection) }
        if wanting.isEmpty { return [support].compactMap(\.self) }
        guard kind.concernsSupport, let support, !listed.contains(where: { $0.address == support.address }) else {
            return wanting
        }
        return wanting + [support]
    }

    /// The whole list, and support in any case.
    func everybody(of merchant: MerchantID, _ db: Database) throws -> [RecipientChoice] {
        let listed = try RecipientTable.list(of: merchant, db).map(\.choice)
        guard let support, !listed.contains(where: { $0.address == support.address }) else { return listed }
        return listed + [support]
    }

    func described(_ merchant: MerchantID, _ db: Database) throws -> RecipientList {
        RecipientList(
            merchantID: merchant, recipients: try RecipientTable.list(of: merchant, db),
            supportAddress: support?.address)
    }

    /// Replaces the list.
    ///
    /// - Throws: `failedPrecondition` (`last_recipient`) for an empty one; `invalidArgument` for an address that cannot
    ///   be sent to or comes twice, and for more than 50.
    func replace(
        _ merchant: MerchantID, with choices: [RecipientChoice], withoutSupport: Bool, _ change: ListChange,
        _ db: Database
    ) throws {
        guard !choices.isEmpty else { throw ServiceError(.failedPrecondition, reason: "last_recipient") }
        let old = try RecipientTable.list(of: merchant, db)
        var wanted = try choices.map(Self.checked)
        if let twice = Self.firstTwice(wanted.map(\.address)) {
            throw ServiceError(.invalidArgument, reason: "address_twice", arguments: ["address": twice])
        }
        // Who was not asked about does not vanish with a list that names the others anew.
        let hasSupport = old.isEmpty || old.contains { $0.choice.address == support?.address }
        if hasSupport, !withoutSupport { wanted = Self.adding(support, to: wanted) }
        try Self.checkLength(wanted.count)
        let kept = Set(wanted.map(\.address))
        for gone in old.map(\.choice.address) where !kept.contains(gone) { try take(gone, off: merchant, change, db) }
        for choice in wanted { try put(choice, on: merchant, old, change, db) }
    }

    /// Adds an address or changes what it gets; a first address brings support along.
    func add(_ choice: RecipientChoice, to merchant: MerchantID, _ change: ListChange, _ db: Database) throws {
        let old = try RecipientTable.list(of: merchant, db)
        let wanted = try Self.checked(choice)
        let added = old.isEmpty ? Self.adding(support, to: [wanted]) : [wanted]
        try Self.checkLength(Set(old.map(\.choice.address) + added.map(\.address)).count)
        for choice in added { try put(choice, on: merchant, old, change, db) }
    }

    /// - Throws: `failedPrecondition` (`last_recipient`) for the last one.
    func remove(_ address: String, from merchant: MerchantID, _ change: ListChange, _ db: Database) throws {
        let old = try RecipientTable.list(of: merchant, db).map(\.choice.address)
        // An address as it was typed may differ from how it is kept: the domain in lower case.
        let kept = (try? MailAddress(address).description) ?? address
        guard old.contains(kept) else { return }
        guard old.count > 1 else { throw ServiceError(.failedPrecondition, reason: "last_recipient") }
        try take(kept, off: merchant, change, db)
    }

    private func put(
        _ choice: RecipientChoice, on merchant: MerchantID, _ old: [Recipient], _ change: ListChange, _ db: Database
    ) throws {
        let known = old.first { $0.choice.address == choice.address }
        guard known?.choice != choice else { return }
        let recipient = Recipient(
            choice: choice, isSupport: choice.address == support?.address, addedAt: known?.addedAt ?? change.at,
            addedBy: change.by, reason: change.reason)
        try RecipientTable.put(recipient, of: merchant, db)
        try RecipientTable.note(
            known == nil ? "added" : "changed", choice.address, of: merchant, by: change.by, because: change.reason,
            at: change.at, db)
    }

    private func take(_ address: String, off merchant: MerchantID, _ change: ListChange, _ db: Database) throws {
        try RecipientTable.remove(address, of: merchant, db)
        try RecipientTable.note(
            "removed", address, of: merchant, by: change.by, because: change.reason, at: change.at, db)
    }

    private static func checked(_ choice: RecipientChoice) throws -> RecipientChoice {
        var choice = choice
        do {
            choice.address = try MailAddress(choice.address).description
        } catch {
            throw ServiceError(
                .invalidArgument, reason: "address_invalid", arguments: ["address": choice.address])
        }
        guard choice.connectionIDs?.isEmpty != true, choice.kinds?.isEmpty != true else {
            throw ServiceError(
                .invalidArgument, reason: "recipient_gets_nothing", arguments: ["address": choice.address])
        }
        return choice
    }

    private static func adding(_ support: RecipientChoice?, to choices: [RecipientChoice]) -> [RecipientChoice] {
        guard let support, !choices.contains(where: { $0.address == support.address }) else { return choices }
        return choices + [support]
    }

    private static func checkLength(_ count: Int) throws {
        guard count <= longest else {
            throw ServiceError(.invalidArgument, reason: "too_many_recipients", arguments: ["most": "\(longest)"])
        }
    }

    private static func firstTwice(_ addresses: [String]) -> String? {
        var seen: Set<String> = []
        return addresses.first { !seen.insert($0).inserted }
    }
}

/// Who changes a list, when and why.
struct ListChange: Sendable {
    var by: String
    var reason: String
    var at: Instant
}
