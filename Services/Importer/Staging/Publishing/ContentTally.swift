public import CoreTypes
import SchedulerAPI

/// The largest change of a price in one list and currency.
public struct PriceStep: Sendable, Equatable {
    public let priceList: String
    public let currency: String
    public let key: String
    public let before: ExactDecimal
    public let after: ExactDecimal
}

/// A price that is in another currency than before.
public struct CurrencyStep: Sendable, Equatable {
    public let priceList: String
    public let key: String
    public let currencyBefore: String
    public let currencyAfter: String
    public let before: ExactDecimal
    public let after: ExactDecimal
}

/// What becomes of prices and stock of the items that differ, item by item.
final class ContentTally {
    /// How many price lists and currencies are told apart.
    static let stepsMax = 50
    /// How many prices in another currency are named.
    static let currencyStepsMax = 20

    /// The modules that are looked at.
    let modules: Set<Module>
    /// Their bits.
    let flags: Int
    private(set) var emptied = 0
    private(set) var unpriced = 0
    /// Items that are one of them or both.
    private(set) var dropped = 0
    /// Prices that are in another currency; the first of them, in the order of the keys.
    private(set) var currencyCount = 0
    private(set) var currencySteps: [CurrencyStep] = []
    private var largest: [Largest] = []

    private struct Largest {
        let list: [UInt8]
        let currency: [UInt8]
        var key: [UInt8]
        var before: ExactDecimal
        var after: ExactDecimal
        var size: Relation
    }

    init(_ modules: Set<Module>) {
        self.modules = modules.subtracting([.products])
        flags = self.modules.reduce(0) { $0 | 1 << $1.bit }
    }

    /// The lists of rows of an item.
    typealias Lists = (prices: UnsafeRawBufferPointer, stock: UnsafeRawBufferPointer)

    /// Looks at an item that differs in the modules of `flags`.
    func look(
        _ key: UnsafeRawBufferPointer, _ flags: Int, from old: Lists, to new: Lists
    ) throws(StagingError) {
        var isDropped = false
        if flags &>> Module.prices.bit & 1 != 0 {
            if try hasPrice(old.prices), try !hasPrice(new.prices) {
                unpriced += 1
                isDropped = true
            }
            try compare(key, old.prices, new.prices)
        }
        if flags &>> Module.stock.bit & 1 != 0, try hasStock(old.stock), try !hasStock(new.stock) {
            emptied += 1
            isDropped = true
        }
        if isDropped { dropped += 1 }
    }

    /// The largest change first.
    var priceSteps: [PriceStep] {
        largest.sorted { $0.size > $1.size }.map { step in
            PriceStep(
                priceList: String(decoding: step.list, as: UTF8.self), currency: RowList.currency(step.currency),
                key: String(decoding: step.key, as: UTF8.self), before: step.before, after: step.after)
        }
    }

    // MARK: Parts

    private func hasPrice(_ list: UnsafeRawBufferPointer) throws(StagingError) -> Bool {
        var found = false
        let isList = try RowList.walk(list) { (_, content) throws(StagingError) in
            guard let price = RowList.price(content) else { throw .damaged("a list of rows") }
            if !price.amount.isZero { found = true }
            return !found
        }
        guard isList else { throw .damaged("a list of rows") }
        return found
    }

    private func hasStock(_ list: UnsafeRawBufferPointer) throws(StagingError) -> Bool {
        var sum = ExactSum()
        let isList = try RowList.walk(list) { (_, content) throws(StagingError) in
            guard let available = RowList.stock(content) else { throw .damaged("a list of rows") }
            sum.add(available)
            return true
        }
        guard isList else { throw .damaged("a list of rows") }
        // A sum with too many digits is none of nothing.
        return sum.value.map { $0 > .zero } ?? true
    }

    private func compare(
        _ key: UnsafeRawBufferPointer, _ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer
    ) throws(StagingError) {
        _ = try RowList.walk(new) { (code, content) throws(StagingError) in
            guard let known = try RowList.content(of: code, in: old), ShortBytes.order(known, content) != 0 else {
                return true
            }
            guard let before = RowList.price(known), let after = RowList.price(content) else {
                throw .damaged("a list of rows")
            }
            // Nothing costs the same in every currency: where there was no price there is none to compare with, and one
            // that is 0 now has lost all it was, whatever stands beside it.
            guard !before.amount.isZero else { return true }
            if after.amount.isZero || ShortBytes.order(before.currency, after.currency) == 0 {
                note(key, code, before.currency, before.amount, after.amount)
            } else {
                noteCurrency(key, code, before, after)
            }
            return true
        }
    }

    private typealias RowPrice = (amount: ExactDecimal, currency: UnsafeRawBufferPointer)

    /// Two amounts in two currencies say nothing of each other, so that the change has no size.
    private func noteCurrency(
        _ key: UnsafeRawBufferPointer, _ list: UnsafeRawBufferPointer, _ before: RowPrice, _ after: RowPrice
    ) {
        currencyCount += 1
        guard currencySteps.count < Self.currencyStepsMax else { return }
        currencySteps.append(
            CurrencyStep(
                priceList: String(decoding: list, as: UTF8.self), key: String(decoding: key, as: UTF8.self),
                currencyBefore: RowList.currency(Array(before.currency)),
                currencyAfter: RowList.currency(Array(after.currency)), before: before.amount, after: after.amount))
    }

    private func note(
        _ key: UnsafeRawBufferPointer, _ list: UnsafeRawBufferPointer, _ currency: UnsafeRawBufferPointer,
        _ before: ExactDecimal, _ after: ExactDecimal
    ) {
        let size = Relation(from: before, to: after)
        let place = largest.firstIndex { list.elementsEqual($0.list) && currency.elementsEqual($0.currency) }
        if let place {
            guard size > largest[place].size else { return }
            largest[place].key = Array(key)
            (largest[place].before, largest[place].after, largest[place].size) = (before, after, size)
            return
        }
        let step = Largest(
            list: Array(list), currency: Array(currency), key: Array(key), before: before, after: after, size: size)
        if largest.count < Self.stepsMax { return largest.append(step) }
        // The list that has changed least makes room.
        guard let least = largest.indices.min(by: { largest[$0].size < largest[$1].size }),
            size > largest[least].size
        else { return }
        largest[least] = step
    }
}

/// How large a change is beside what was there before, without division or rounding.
struct Relation: Comparable {
    private let change: UInt128
    private let whole: UInt128

    /// - Parameter before: not 0.
    init(from before: ExactDecimal, to after: ExactDecimal) {
        guard let difference = after.subtracting(before) else {
            // Too far apart to subtract: either the new price is beyond all bounds, or next to nothing is left.
            (change, whole) = after.isLarger(than: before) ? (.max, 1) : (1, 1)
            return
        }
        let shift = before.scale - difference.scale
        let change = Self.scaled(difference.coefficient.magnitude, by: shift)
        let whole = Self.scaled(before.coefficient.magnitude, by: -shift)
        // What does not fit 128 bits has the other at most 34 digits, so the relation is huge, or tiny.
        (self.change, self.whole) = (change ?? .max, change == nil ? 1 : whole ?? .max)
    }

    private static func scaled(_ digits: UInt128, by decimals: Int) -> UInt128? {
        var digits = digits
        for _ in 0..<max(0, decimals) {
            let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            digits = product
        }
        return digits
    }

    static func < (left: Relation, right: Relation) -> Bool {
        let first = left.change.multipliedFullWidth(by: right.whole)
        let second = right.change.multipliedFullWidth(by: left.whole)
        return first.high == second.high ? first.low < second.low : first.high < second.high
    }

    static func == (left: Relation, right: Relation) -> Bool { !(left < right) && !(right < left) }
}

extension ExactDecimal {
    /// Regardless of signs.
    fileprivate func isLarger(than other: ExactDecimal) -> Bool {
        let mine = isNegative ? negated : self
        return mine > (other.isNegative ? other.negated : other)
    }
}
