/// A `$filter` on items, ready to be asked of each.
indirect enum ItemFilter: Sendable, Hashable {
    enum Comparison: String, Sendable { case eq, ne, gt, ge, lt, le }
    enum TextTest: String, Sendable { case startswith, endswith, contains }

    case everything
    case and(ItemFilter, ItemFilter)
    case or(ItemFilter, ItemFilter)
    case not(ItemFilter)
    case text(ItemField, Comparison, String)
    /// Scaled as ``ItemField/number(of:)`` gives it; times in minutes, because seconds are ignored in comparisons.
    case number(ItemField, Comparison, Int64)
    case isNull(ItemField, Bool)
    case test(TextTest, ItemField, String)

    static let sellable = ItemFilter.and(
        .number(.salesItem, .eq, 1), .and(.number(.valid, .eq, 1), .number(.frozen, .eq, 0)))

    func matches(_ item: Item) -> Bool {
        switch self {
        case .everything: true
        case .and(let left, let right): left.matches(item) && right.matches(item)
        case .or(let left, let right): left.matches(item) || right.matches(item)
        case .not(let inner): !inner.matches(item)
        case .text(let field, let comparison, let literal):
            field.text(of: item).map { comparison.holds(compareUTF8($0, literal)) } ?? false
        case .number(let field, let comparison, let literal):
            field.number(of: item).map { value in
                let value = field.kind == .time ? value / 60 : value
                return comparison.holds(value < literal ? -1 : value > literal ? 1 : 0)
            } ?? false
        case .isNull(let field, let wanted):
            (field.kind == .text ? field.text(of: item) == nil : field.number(of: item) == nil) == wanted
        case .test(let test, let field, let literal):
            field.text(of: item).map { test.holds(of: $0, literal) } ?? false
        }
    }

    /// The filter without its demand that the code lies beyond a bound, and that bound: how clients page by key.
    ///
    /// - Returns: nil when no part joined by `and` at the top is such a demand.
    func splittingLowerBound() -> (rest: ItemFilter, after: String, orEqual: Bool)? {
        switch self {
        case .text(.itemCode, .gt, let bound): return (.everything, bound, false)
        case .text(.itemCode, .ge, let bound): return (.everything, bound, true)
        case .and(let left, let right):
            if let split = right.splittingLowerBound() { return (left.anded(split.rest), split.after, split.orEqual) }
            if let split = left.splittingLowerBound() { return (split.rest.anded(right), split.after, split.orEqual) }
            return nil
        default: return nil
        }
    }

    private func anded(_ other: ItemFilter) -> ItemFilter {
        switch (self, other) {
        case (.everything, _): other
        case (_, .everything): self
        default: .and(self, other)
        }
    }
}

extension ItemFilter.Comparison {
    /// - Parameter order: Less than, equal to or greater than 0, as the value is to the literal.
    func holds(_ order: Int) -> Bool {
        switch self {
        case .eq: order == 0
        case .ne: order != 0
        case .gt: order > 0
        case .ge: order >= 0
        case .lt: order < 0
        case .le: order <= 0
        }
    }
}

extension ItemFilter.TextTest {
    func holds(of text: String, _ part: String) -> Bool {
        switch self {
        case .startswith: text.utf8.starts(with: part.utf8)
        case .endswith: text.utf8.reversed().starts(with: part.utf8.reversed())
        case .contains: part.isEmpty || text.contains(part)
        }
    }
}
