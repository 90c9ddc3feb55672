import Foundation

/// What this process holds.
enum ProcessFigures {
    /// Bytes of memory in use.
    static var residentBytes: Int { pages(1) }
    /// Bytes of memory asked for, touched or not.
    static var addressedBytes: Int { pages(0) }

    static var openFiles: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }

    private static func pages(_ field: Int) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst(field).first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    /// Lets the process open as many files as it may.
    ///
    /// - Returns: How many that is.
    @discardableResult
    static func raiseFileLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
