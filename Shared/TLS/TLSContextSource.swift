import COpenSSL
import Synchronization

/// The context for the next connection. Certificates are renewed by replacing files; whoever owns the source calls
/// ``reloadIfChanged()`` every few seconds.
public final class TLSContextSource: Sendable {
    /// What a look at the files led to.
    public enum Reload: Sendable, Equatable {
        case unchanged
        case reloaded
        /// The new files are no good; the old context stays in use. Told at each look until they are.
        case kept(TLSError)
    }

    private struct State {
        var context: TLSContext
        var marks: [FileMark?]
    }

    private let configuration: TLSConfiguration
    private let state: Mutex<State>

    public init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.configuration = configuration
        // Marked before reading: a file replaced in between is read again at the next look.
        let marks = configuration.paths.map(FileMark.init)
        let context = try TLSContext(configuration)
        state = Mutex(State(context: context, marks: marks))
    }

    public var current: TLSContext { state.withLock { $0.context } }

    public func reloadIfChanged() -> Reload {
        let marks = configuration.paths.map(FileMark.init)
        guard marks != state.withLock({ $0.marks }) else { return .unchanged }
        do throws(TLSError) {
            let context = try TLSContext(configuration)
            state.withLock { $0 = State(context: context, marks: marks) }
            return .reloaded
        } catch {
            return .kept(error)
        }
    }
}

/// Identity and age of a file; nil when it cannot be read.
private struct FileMark: Equatable {
    private let values: [Int64]

    init?(_ path: String) {
        var values = [Int64](repeating: 0, count: 6)
        guard values.withUnsafeMutableBufferPointer({ sluice_file_mark(path, $0.baseAddress) }) else { return nil }
        self.values = values
    }
}
