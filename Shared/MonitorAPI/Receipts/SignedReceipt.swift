import Foundation
import JSON
public import Keys

/// A receipt as it is kept, exported and checked: one line of canonical JSON with the members `keyID`, `receipt` and
/// `signature`. The signature (Ed25519, base64) is over the canonical JSON of `receipt` alone.
public enum SignedReceipt {
    /// - Returns: The line, without its end.
    /// - Throws: What encoding the receipt throws; `CanonicalJSON.Fault` for a number beyond 2^53.
    public static func line(of receipt: Receipt, signedWith key: SigningKey) throws -> String {
        let body = try JSON.decode(JSONValue.self, from: JSON.encode(receipt))
        let signature = Data(key.sign(try CanonicalJSON.bytes(of: body))).base64EncodedString()
        let document = JSONValue.object([
            ("keyID", .string(key.id)), ("receipt", body), ("signature", .string(signature)),
        ])
        return String(decoding: try CanonicalJSON.bytes(of: document), as: UTF8.self)
    }

    /// What the next receipt of the chain says of this one.
    public static func digest(of line: String) -> String { Digest.sha256(Array(line.utf8)) }

    /// - Returns: nil when the line is no receipt, or one of a format this version does not know.
    public static func receipt(in line: String) -> Receipt? {
        (try? JSON.decode(Document.self, from: line))?.receipt
    }

    private struct Document: Decodable {
        var receipt: Receipt
    }
}
