import Foundation

/// How much a proof does: a small figure in every run, a large one with `compose/test --long`.
public enum LongProof {
    /// - Returns: What `SLUICE_PROOF_COUNT` says where it is set: to try a single proof at another size.
    public static func count(_ usual: Int, long: Int) -> Int {
        let environment = ProcessInfo.processInfo.environment
        if let count = environment["SLUICE_PROOF_COUNT"].flatMap({ Int($0) }), count > 0 { return count }
        return environment["SLUICE_LONG"] == "1" ? long : usual
    }
}
