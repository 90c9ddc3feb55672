import CoreTypes
import Foundation
import Synchronization
import TestInstallation
import TestSupport

/// Secrets with names that occur nowhere else, and where they turned up.
final class PlantedSecrets: Sendable {
    private struct State {
        var secrets: [(text: String, place: String)] = []
        /// What was said to people and programs: output, answers, errors.
        var said: [(what: String, bytes: Data)] = []
    }

    private let state = Mutex(State())
    private let randomness = Randomness.seeded(15)

    /// - Parameter place: Where it is planted, for the report.
    func plant(_ place: String) -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz")
        let tail = String((0..<16).map { _ in letters[Int(randomness.next() % UInt64(letters.count))] })
        return state.withLock { state in
            let text = "canary\(state.secrets.count)\(tail)"
            state.secrets.append((text, place))
            return text
        }
    }

    /// A secret that was not made here, as a key in a file.
    func know(_ text: String, as place: String) { state.withLock { $0.secrets.append((text, place)) } }

    var count: Int { state.withLock { $0.secrets.count } }

    func hear(_ what: String, _ text: String) { state.withLock { $0.said.append((what, Data(text.utf8))) } }

    /// Where a secret was found, in clear or as base64 or hex.
    func found(in files: [(name: String, path: String)]) throws -> [String] {
        let (secrets, said) = state.withLock { ($0.secrets, $0.said) }
        let needles = secrets.flatMap { secret in
            Self.forms(of: secret.text).map { (secret: "\(secret.place): \(secret.text)", form: $0) }
        }
        var places = said
        for file in files { places.append((file.name, try Data(contentsOf: URL(filePath: file.path)))) }
        var found: [String] = []
        for place in places where !place.bytes.isEmpty {
            for needle in needles where place.bytes.range(of: needle.form) != nil {
                found.append("\(needle.secret) in \(place.what)")
            }
        }
        return found
    }

    /// The ways a text can stand somewhere: as it is, as hex, and as base64 from each of its three positions.
    static func forms(of text: String) -> [Data] {
        let bytes = Array(text.utf8)
        let hex = bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
        let base64 = (0..<3).map { shift in
            // What stands before and behind changes the first and the last letters.
            let encoded = Data(repeating: 0, count: shift) + Data(bytes)
            return String(encoded.base64EncodedString().dropFirst(shift == 0 ? 0 : 4).dropLast(4))
        }
        return ([text, hex, hex.uppercased()] + base64).map { Data($0.utf8) }
    }
}
