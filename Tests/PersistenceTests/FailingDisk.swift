import Foundation
import GRDBSQLite
import Synchronization

/// A layer under SQLite that lets the n-th call of one kind fail, once, on files whose name begins with `failing`.
///
/// SQLite's own tests for full disks and broken ones work like this: fail the first call, then the second, and so on
/// until a pass comes to its end without a failure.
enum FailingDisk {
    enum Failure: CaseIterable, Sendable {
        case writeFails, noRoom, halfWritten, flushFails, readFails
        /// EIO, which SQLite takes for a damaged file.
        case misread

        fileprivate var call: Call {
            switch self {
            case .writeFails, .noRoom, .halfWritten: .write
            case .flushFails: .flush
            case .readFails, .misread: .read
            }
        }

        fileprivate var code: Int32 {
            switch self {
            case .writeFails, .halfWritten: SQLITE_IOERR | (3 << 8)
            case .noRoom: SQLITE_FULL
            case .flushFails: SQLITE_IOERR | (4 << 8)
            case .readFails: SQLITE_IOERR | (1 << 8)
            case .misread: SQLITE_IOERR | (33 << 8)
            }
        }
    }

    fileprivate enum Call { case read, write, flush }

    private struct Plan {
        var failure: Failure?
        /// Calls left until the one that fails; it does at 0.
        var left = 0
        var hits = 0
    }

    private static let plan = Mutex(Plan())

    /// Runs `body` with the n-th call failing, n from 1.
    ///
    /// - Returns: Whether there was an n-th call.
    static func failing(
        _ failure: Failure, at number: Int, _ body: () async throws -> Void
    ) async rethrows -> Bool {
        _ = installed
        plan.withLock { $0 = Plan(failure: failure, left: number) }
        defer { plan.withLock { $0.failure = nil } }
        try await body()
        return plan.withLock { $0.hits > 0 }
    }

    fileprivate static func failureNow(of call: Call) -> Failure? {
        plan.withLock { plan in
            guard let failure = plan.failure, failure.call == call else { return nil }
            plan.left -= 1
            guard plan.left == 0 else { return nil }
            plan.hits += 1
            return failure
        }
    }

    /// Over the system's own layer, for every file of this process: those of other names pass through.
    static let installed: Bool = {
        guard let system = sqlite3_vfs_find(nil) else { return false }
        let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        layer.initialize(to: system.pointee)
        layer.pointee.zName = UnsafePointer(strdup("failing"))
        layer.pointee.szOsFile = system.pointee.szOsFile + Int32(headerBytes)
        layer.pointee.pAppData = UnsafeMutableRawPointer(system)
        layer.pointee.xOpen = { layer, name, file, flags, flagsOut in
            guard let layer, let file, let context = layer.pointee.pAppData else { return SQLITE_CANTOPEN }
            let system = context.assumingMemoryBound(to: sqlite3_vfs.self)
            let code = system.pointee.xOpen(system, name, underlying(file), flags, flagsOut)
            file.pointee.pMethods = code == SQLITE_OK ? UnsafePointer(methods) : nil
            let isMeant = name.map { String(cString: $0).contains("/failing") } ?? false
            UnsafeMutableRawPointer(file).storeBytes(of: isMeant ? 1 : 0, toByteOffset: 8, as: Int64.self)
            return code
        }
        return sqlite3_vfs_register(layer, 1) == SQLITE_OK
    }()
}

/// Our pointer to the methods, and whether the file is meant; the system's own file comes behind.
private let headerBytes = 16

private typealias File = UnsafeMutablePointer<sqlite3_file>

private func underlying(_ file: File) -> File {
    UnsafeMutableRawPointer(file).advanced(by: headerBytes).assumingMemoryBound(to: sqlite3_file.self)
}

private func isMeant(_ file: File) -> Bool {
    UnsafeMutableRawPointer(file).load(fromByteOffset: 8, as: Int64.self) == 1
}

private func failure(of call: FailingDisk.Call, on file: File) -> FailingDisk.Failure? {
    isMeant(file) ? FailingDisk.failureNow(of: call) : nil
}

/// Hands a call down to the system's layer.
private func down(_ file: File?, _ body: (File, sqlite3_io_methods) -> Int32) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let system = underlying(file)
    guard let methods = system.pointee.pMethods else { return SQLITE_MISUSE }
    return body(system, methods.pointee)
}

nonisolated(unsafe) private let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
    var table = sqlite3_io_methods()
    table.iVersion = 2
    table.xRead = { file, bytes, count, offset in
        if let file, let failure = failure(of: .read, on: file) { return failure.code }
        return down(file) { $1.xRead($0, bytes, count, offset) }
    }
    table.xWrite = { file, bytes, count, offset in
        if let file, let failure = failure(of: .write, on: file) {
            if failure == .halfWritten { _ = down(file) { $1.xWrite($0, bytes, count / 2, offset) } }
            return failure.code
        }
        return down(file) { $1.xWrite($0, bytes, count, offset) }
    }
    table.xSync = { file, flags in
        if let file, let failure = failure(of: .flush, on: file) { return failure.code }
        // No power is cut here, so what is meant need not reach a disk: a thousand lives go by in seconds.
        if let file, isMeant(file) { return SQLITE_OK }
        return down(file) { $1.xSync($0, flags) }
    }
    addPlainCalls(&table)
    let result = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    result.initialize(to: table)
    return result
}()

private func addPlainCalls(_ table: inout sqlite3_io_methods) {
    table.xClose = { file in down(file) { $1.xClose($0) } }
    table.xTruncate = { file, size in down(file) { $1.xTruncate($0, size) } }
    table.xFileSize = { file, size in down(file) { $1.xFileSize($0, size) } }
    table.xLock = { file, level in down(file) { $1.xLock($0, level) } }
    table.xUnlock = { file, level in down(file) { $1.xUnlock($0, level) } }
    table.xCheckReservedLock = { file, result in down(file) { $1.xCheckReservedLock($0, result) } }
    table.xFileControl = { file, operation, argument in down(file) { $1.xFileControl($0, operation, argument) } }
    table.xSectorSize = { file in down(file) { $1.xSectorSize($0) } }
    table.xDeviceCharacteristics = { file in down(file) { $1.xDeviceCharacteristics($0) } }
    table.xShmMap = { file, page, size, extend, result in down(file) { $1.xShmMap($0, page, size, extend, result) } }
    table.xShmLock = { file, offset, count, flags in down(file) { $1.xShmLock($0, offset, count, flags) } }
    table.xShmBarrier = { file in
        _ = down(file) { system, methods in
            methods.xShmBarrier(system)
            return SQLITE_OK
        }
    }
    table.xShmUnmap = { file, isDeleted in down(file) { $1.xShmUnmap($0, isDeleted) } }
}
