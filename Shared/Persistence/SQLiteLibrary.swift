import CSQLite

/// What is set in SQLite for the whole process, before anybody opens a file.
public enum SQLiteLibrary {
    /// Asked before each opening; does its work the first time. False when somebody opened a file before.
    ///
    /// Sorts larger than the cache go through temporary files. SQLite would map them into memory, and while a million
    /// keys are put in order 100 MB would be resident.
    @discardableResult
    public static func prepare() -> Bool { isPrepared }

    private static let isPrepared = csqlite_forbid_mapping()
}
