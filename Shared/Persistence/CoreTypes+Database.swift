public import CoreTypes
public import GRDB

/// An instant is an INTEGER of milliseconds since 1970.
extension Instant: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { milliseconds.databaseValue }

    public static func fromDatabaseValue(_ value: DatabaseValue) -> Instant? {
        Int64.fromDatabaseValue(value).map(Instant.init(milliseconds:))
    }
}

/// An id is its TEXT.
extension Identifier: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { rawValue.databaseValue }

    public static func fromDatabaseValue(_ value: DatabaseValue) -> Identifier? {
        String.fromDatabaseValue(value).flatMap(Identifier.init)
    }
}

/// A decimal is its canonical TEXT: SQLite's REAL would round it.
extension ExactDecimal: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { description.databaseValue }

    public static func fromDatabaseValue(_ value: DatabaseValue) -> ExactDecimal? {
        String.fromDatabaseValue(value).flatMap { ExactDecimal($0) }
    }
}

extension Language: DatabaseValueConvertible {}
