import CoreTypes

/// The properties of an item by which Service Layer filters and orders here.
enum ItemField: String, CaseIterable, Sendable {
    case itemCode = "ItemCode"
    case itemName = "ItemName"
    case foreignName = "ForeignName"
    case barCode = "BarCode"
    case itemsGroupCode = "ItemsGroupCode"
    case salesVATGroup = "SalesVATGroup"
    case salesUnit = "SalesUnit"
    case salesItem = "SalesItem"
    case valid = "Valid"
    case frozen = "Frozen"
    case quantityOnStock = "QuantityOnStock"
    case createDate = "CreateDate"
    case createTime = "CreateTime"
    case updateDate = "UpdateDate"
    case updateTime = "UpdateTime"
    case dataVersion = "DataVersion"

    enum Kind { case text, number, flag, date, time }

    var kind: Kind {
        switch self {
        case .itemCode, .itemName, .foreignName, .barCode, .salesVATGroup, .salesUnit: .text
        case .itemsGroupCode, .quantityOnStock, .dataVersion: .number
        case .salesItem, .valid, .frozen: .flag
        case .createDate, .updateDate: .date
        case .createTime, .updateTime: .time
        }
    }

    func text(of item: Item) -> String? {
        switch self {
        case .itemCode: item.code
        case .itemName: item.name
        case .foreignName: item.foreignName
        case .barCode: item.barcode
        case .salesVATGroup: item.taxCode
        case .salesUnit: item.unit
        default: nil
        }
    }

    /// Numbers in thousandths, flags as 0 and 1, days since 1970, seconds of the day.
    func number(of item: Item) -> Int64? {
        switch self {
        case .itemsGroupCode: Int64(item.group) * 1000
        case .quantityOnStock: item.quantityOnStock
        case .dataVersion: Int64(item.version) * 1000
        case .salesItem: item.isForSale ? 1 : 0
        case .valid: item.isValid ? 1 : 0
        case .frozen: item.isFrozen ? 1 : 0
        case .createDate: dayAndSecond(item.createdAt).day
        case .createTime: dayAndSecond(item.createdAt).second
        case .updateDate: item.updatedAt.map { dayAndSecond($0).day }
        case .updateTime: item.updatedAt.map { dayAndSecond($0).second }
        default: nil
        }
    }

    /// Less than 0 when `left` comes first. No value comes before any value; texts go by their UTF-8 bytes.
    func compare(_ left: Item, _ right: Item) -> Int {
        if kind == .text {
            switch (text(of: left), text(of: right)) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let left?, let right?): return compareUTF8(left, right)
            }
        }
        let left = number(of: left) ?? .min
        let right = number(of: right) ?? .min
        return left < right ? -1 : left > right ? 1 : 0
    }
}

func compareUTF8(_ left: String, _ right: String) -> Int {
    var left = left
    var right = right
    return left.withUTF8 { left in
        right.withUTF8 { right in
            for index in 0..<min(left.count, right.count) where left[index] != right[index] {
                return left[index] < right[index] ? -1 : 1
            }
            return left.count - right.count
        }
    }
}

func dayAndSecond(_ seconds: Int64) -> (day: Int64, second: Int64) {
    let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    return (day, seconds - day * 86_400)
}

/// `2026-03-02`
func dateText(_ seconds: Int64) -> String { CalendarDay(daysSince1970: Int(dayAndSecond(seconds).day)).description }

/// `06:00:00`
func timeText(_ seconds: Int64) -> String {
    let second = dayAndSecond(seconds).second
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
}
