import Foundation
import Testing

@testable import Staging

@Suite struct SortMemoryTests {
    /// A sort's temporary file counts as memory of the process when it is mapped: 100 MB for a million keys.
    @Test func `a sort larger than the cache is not mapped into memory`() throws {
        let fixture = try StagingFixture()
        let file = try SQLiteFile("\(fixture.path)/sorted", creates: true, onLostTrust: { _ in })
        defer { file.close() }
        try file.execute("PRAGMA cache_size = -100; PRAGMA temp_store = FILE; CREATE TABLE t(key TEXT)")
        try file.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
            INSERT INTO t SELECT hex(randomblob(16)) FROM n
            """)
        let sorted = try file.prepare("SELECT key FROM t ORDER BY key")
        #expect(try sorted.step())
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        #expect(!maps.split(separator: "\n").contains { $0.contains("etilqs") })
    }
}
