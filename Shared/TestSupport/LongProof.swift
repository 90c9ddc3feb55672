import Foundation

/// How much a proof does: a small figure in every run, a large one with `compose/test --long`.
public enum LongProof {
    public static func count(_ usual: Int, long: Int) -> Int {
        ProcessInfo.processInfo.environment["SLUICE_LONG"] == "1" ? long : usual
    }
}
