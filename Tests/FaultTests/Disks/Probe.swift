import Foundation
import TestInstallation
import TestSupport

/// Sits inside a real process, between it and libc: counts what the disk did to it, ends it at the n-th call, and sets
/// its wall clock. A few lines of C that the compiler of the Swift toolchain makes a library of.
///
/// libfiu can make a call fail, but not tell whether it did, nor count to a certain call.
final class Probe: Sendable {
    /// What process and test share; the order is that of the C source.
    enum Cell: Int {
        /// pwrite gave an error; pwrite wrote less than it was asked; pread gave an error; fdatasync or fsync did.
        case writesFailed, writesShortened, readsFailed, flushesFailed
        /// All of them, those that went well too.
        case writes, flushes
        /// The process ends as by kill -9 when it comes to this call; 0 for never.
        case deathAtWrite, deathAtFlush
        /// Seconds the wall clock is ahead of the machine's.
        case clockOffset
        /// How many there are.
        case count
    }

    private static let library = Task { try await makeLibrary() }
    private let path: String
    private let libraryPath: String

    /// - Parameter folder: One that outlives the process: the library lies in it, and the file with the cells.
    init(in folder: String) async throws {
        path = folder + "/probe-\(UUID().uuidString)"
        libraryPath = path + ".so"
        try await Self.library.value.write(to: URL(filePath: libraryPath))
        try Data(count: Cell.count.rawValue * 8).write(to: URL(filePath: path))
    }

    /// What a process is started with. Libraries named in `others` stand behind this one, so that it sees what they did.
    func variables(before others: [String: String] = [:]) -> [String: String] {
        var variables = others
        variables["SLUICE_PROBE"] = path
        variables["LD_PRELOAD"] = ([libraryPath] + [others["LD_PRELOAD"]].compactMap { $0 }).joined(separator: " ")
        return variables
    }

    subscript(cell: Cell) -> Int {
        get throws {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            try file.seek(toOffset: UInt64(cell.rawValue * 8))
            let bytes = try file.read(upToCount: 8) ?? Data()
            return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }

    func set(_ cell: Cell, _ value: Int) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(cell.rawValue * 8))
        try file.write(contentsOf: Data((0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }))
    }

    /// As before the first call.
    func reset() throws {
        for cell in 0..<Cell.count.rawValue { if let cell = Cell(rawValue: cell) { try set(cell, 0) } }
    }

    /// Made once for all tests of a process.
    private static func makeLibrary() async throws -> Data {
        let folder = try TemporaryFolder("sluice-probe")
        try source.write(toFile: folder.file("probe.c"), atomically: true, encoding: .utf8)
        let answer = try await Shell.runAside(
            #"clang -shared -fPIC -O1 -Wall -Werror -o "$1" "$2" -ldl"#,
            [folder.file("probe.so"), folder.file("probe.c")])
        guard answer.status == 0 else {
            throw Installation.Failure(text: "clang, which comes with Swift, is needed: \(answer.output)")
        }
        return try Data(contentsOf: URL(filePath: folder.file("probe.so")))
    }
}

private let source = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/types.h>
    #include <time.h>
    #include <unistd.h>

    enum { WRITES_FAILED, WRITES_SHORTENED, READS_FAILED, FLUSHES_FAILED, WRITES, FLUSHES,
           DEATH_AT_WRITE, DEATH_AT_FLUSH, CLOCK_OFFSET, COUNT };

    static long unshared[COUNT];
    static long *cells = unshared;

    __attribute__((constructor)) static void share(void) {
        const char *path = getenv("SLUICE_PROBE");
        int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        if (file < 0) return;
        void *found = mmap(NULL, sizeof unshared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        close(file);
        if (found != MAP_FAILED) cells = found;
    }

    static long count(int cell) { return __atomic_add_fetch(&cells[cell], 1, __ATOMIC_SEQ_CST); }

    static void dieAt(int call, int death) { if (count(call) == cells[death]) _exit(137); }

    #define NEXT(name) static __typeof__(&name) next; if (!next) next = (__typeof__(&name)) dlsym(RTLD_NEXT, #name)

    static ssize_t written(ssize_t result, size_t asked) {
        if (result < 0) count(WRITES_FAILED); else if ((size_t) result < asked) count(WRITES_SHORTENED);
        return result;
    }

    static ssize_t seen(ssize_t result) {
        if (result < 0) count(READS_FAILED);
        return result;
    }

    static int flushed(int result) {
        if (result < 0) count(FLUSHES_FAILED);
        return result;
    }

    ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
        NEXT(pwrite);
        dieAt(WRITES, DEATH_AT_WRITE);
        return written(next(file, bytes, size, at), size);
    }

    ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
        NEXT(pwrite64);
        dieAt(WRITES, DEATH_AT_WRITE);
        return written(next(file, bytes, size, at), size);
    }

    ssize_t pread(int file, void *bytes, size_t size, off_t at) {
        NEXT(pread);
        return seen(next(file, bytes, size, at));
    }

    ssize_t pread64(int file, void *bytes, size_t size, off64_t at) {
        NEXT(pread64);
        return seen(next(file, bytes, size, at));
    }

    int fdatasync(int file) {
        NEXT(fdatasync);
        dieAt(FLUSHES, DEATH_AT_FLUSH);
        return flushed(next(file));
    }

    int fsync(int file) {
        NEXT(fsync);
        dieAt(FLUSHES, DEATH_AT_FLUSH);
        return flushed(next(file));
    }

    int clock_gettime(clockid_t clock, struct timespec *time) {
        NEXT(clock_gettime);
        int result = next(clock, time);
        if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += cells[CLOCK_OFFSET];
        return result;
    }
    """#
