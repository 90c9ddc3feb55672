import Keys

/// SHA-256 (hex) over the canonical JSON of a list of pages: a changed, added or missing page changes it.
///
/// Taken page by page: all at once, the pages of a long read would outweigh the rest of an import.
public struct PagesRoot: Sendable {
    private var digest = GrowingDigest()
    private var isEmpty = true

    public init() {}

    public mutating func add(_ page: PageEvidence) {
        guard let bytes = try? CanonicalJSON.bytes(encoding: page) else {
            preconditionFailure("the evidence of a page is texts and small numbers")
        }
        digest.add([UInt8(ascii: isEmpty ? "[" : ",")] + bytes)
        isEmpty = false
    }

    /// Of the pages added so far.
    public var text: String {
        var whole = digest
        whole.add(Array((isEmpty ? "[]" : "]").utf8))
        return whole.sha256
    }
}

extension PageEvidence {
    /// The ``PagesRoot`` of a whole list.
    public static func root(of pages: some Sequence<PageEvidence>) -> String {
        var root = PagesRoot()
        for page in pages { root.add(page) }
        return root.text
    }
}
