import CoreTypes
public import ImporterAPI
public import Outbound
public import SchedulerAPI
public import Staging

/// Reads items from one ERP or accounting system, in the terms a run thinks in.
///
/// One value serves one run (or one probe). Every method throws ``SystemFault``, or CancellationError; passing faults
/// have then been borne as often as the run's ``Patience`` allows, except in ``openPage(_:)``, whose caller must also
/// repeat what fails while the body is read.
public protocol SourceConnector: Sendable {
    /// The merchant's name for the system.
    var system: String { get }
    /// Which members of an item hold what the mapping needs.
    var layout: ItemLayout { get }
    /// Where a page keeps its items and the link to the next page.
    var pages: PageLayout { get }
    /// The filter on items as it is sent with each page.
    var readFilter: String { get }

    /// Tries reaching, logging in and one row of each endpoint a run needs, and stops at the first failure.
    func probe(fields: [String]) async -> ProbeResult
    /// How many items the source says it has, and by which filter; a nil count when it cannot say.
    func count() async throws -> SourceCount
    /// A text that differs after an edit or a creation of an item, as far as the source stamps it; nil when it has nothing
    /// of the kind. The same text twice says that nothing stamped has happened, and no more: deletions need not show, nor
    /// what is in ``unmarkedModules``.
    func changeToken() async throws -> String?
    /// Modules in which the source may change something without the change token showing it: a read of them may be of
    /// several moments though the token stood still.
    var unmarkedModules: Set<Module> { get }
    /// Whether pages can be entered at a cursor another process was given, and lead to what lies behind it, as long as
    /// neither count nor change token have moved meanwhile.
    var isReentrant: Bool { get }
    /// Asks for one page; the body is the page's bytes as they come from the wire. Not repeated here.
    func openPage(_ request: PageRequest) async throws -> HTTPBody
    /// Where reading goes on after this page; nil at the end. A short page is never the end.
    ///
    /// - Throws: ``SystemFault`` when the page leads nowhere new, or to another host.
    func cursor(after page: ReadPage, of request: PageRequest) throws -> String?
    /// A few items with every field they have, for people to look at: never for publishing.
    ///
    /// - Parameters:
    ///   - keys: These items, whether the filter lets them through or not; nil for the first ones of a read.
    ///   - count: At most so many.
    func sample(keys: [String]?, count: Int) async throws -> ItemSample
    /// Where the pages beyond `cursor` probably begin, by what the page before it was like; empty where that cannot be
    /// told. A page asked for in vain is not read.
    func cursors(beyond cursor: String, after page: ReadPage, count: Int) -> [String]
    /// Gives the session back. Never fails: what cannot be given back times out at the system.
    func logOut() async
}

extension SourceConnector {
    public var isReentrant: Bool { false }

    public func cursors(beyond cursor: String, after page: ReadPage, count: Int) -> [String] { [] }
}

/// One page to be read.
public struct PageRequest: Sendable, Equatable {
    public enum Selection: Sendable, Equatable {
        /// These top-level fields of each item.
        case fields([String])
        /// Nothing but the keys: the second sweep.
        case keys
    }

    public var selection: Selection
    /// What ``SourceConnector/cursor(after:of:)`` gave for the page before; nil for the first page.
    public var cursor: String?

    public init(_ selection: Selection, cursor: String? = nil) {
        self.selection = selection
        self.cursor = cursor
    }
}

public struct SourceCount: Sendable, Equatable {
    /// nil when the source gives no count.
    public var count: Int?
    /// The filter the count was asked with, as sent.
    public var filter: String

    public init(count: Int?, filter: String) {
        self.count = count
        self.filter = filter
    }
}

/// What ``SourceConnector/sample(keys:count:)`` brings.
public struct ItemSample: Sendable, Equatable {
    /// The bytes of a page, as they came.
    public var page: [UInt8]
    /// Keys of items on it that a run would not read.
    public var outsideFilter: [String]

    public init(page: [UInt8], outsideFilter: [String]) {
        self.page = page
        self.outsideFilter = outsideFilter
    }
}

/// The steps of a probe and the first fault, if there was one.
public struct ProbeResult: Sendable {
    public var steps: [ProbeStep] = []
    /// The system's own name for its version, when it says.
    public var version: String?
    public var fault: SystemFault?
    /// The fields of one item of a source; nil when there is none.
    public var picture: SourcePicture?

    public init() {}

    /// Runs one step and records how it went; skipped once a step has failed.
    mutating func step(
        _ name: String, clock: any Clock<Duration>, _ body: () async throws -> String?
    ) async {
        guard fault == nil else { return }
        let watch = Stopwatch(clock)
        do {
            let detail = try await body()
            steps.append(
                ProbeStep(
                    name: name, durationMs: watch.elapsed.wholeMilliseconds, failure: nil,
                    detail: detail.map(SystemFault.cleaned)))
        } catch let fault as SystemFault {
            record(name, watch, fault.inPreflight)
        } catch {
            let words = error is CancellationError ? "cancelled" : "\(type(of: error))"
            record(name, watch, SystemFault(.internal, words))
        }
    }

    private mutating func record(_ name: String, _ watch: Stopwatch, _ fault: SystemFault) {
        self.fault = fault
        steps.append(ProbeStep(name, durationMs: watch.elapsed.wholeMilliseconds, fault))
    }
}
