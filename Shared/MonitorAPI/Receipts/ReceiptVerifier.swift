import Foundation
import JSON
public import Keys

/// What is wrong with a file of receipts; lines are counted from 1.
public enum ReceiptFault: Error, Equatable, CustomStringConvertible {
    case empty
    /// The file does not end where a line ends, so something was cut off or added.
    case unfinished
    case notJSON(line: Int, problem: String)
    /// It reads as a receipt but is not written the one way a receipt is: bytes were changed.
    case notCanonical(line: Int)
    case notAReceipt(line: Int)
    case otherKey(line: Int, keyID: String)
    case signature(line: Int)
    /// The receipt before it in the file is not the one before it in the chain.
    case gap(line: Int, number: Int64, before: Int64)
    /// The numbers follow, but the receipt before it is not the one this was chained to.
    case chain(line: Int, number: Int64)

    public var description: String {
        switch self {
        case .empty: "The file holds no receipt."
        case .unfinished: "The last line of the file has no end: something was cut off or added."
        case .notJSON(let line, let problem): "Line \(line) is no receipt: \(problem)."
        case .notCanonical(let line):
            "Line \(line) is not written the way receipts are (RFC 8785): it was changed after it was made."
        case .notAReceipt(let line): "Line \(line) is JSON, but no receipt of a format this program knows."
        case .otherKey(let line, let keyID):
            "The receipt in line \(line) was signed with the key \(keyID), which is not the one given."
        case .signature(let line): "The signature in line \(line) is wrong: the receipt was changed, or forged."
        case .gap(let line, let number, let before):
            "Line \(line) is receipt \(number), but the one before it in this file is \(before): receipts are missing, "
                + "doubled or in another order."
        case .chain(let line, let number):
            "Receipt \(number) in line \(line) was not made after the receipt before it in this file."
        }
    }
}

/// A run of receipts of one connection that follow each other without a gap.
public struct CheckedChain: Codable, Sendable, Equatable {
    public var connection: String
    public var connectionLabel: String
    public var first: Int64
    public var last: Int64
    /// SHA-256 of the last line: whoever kept it elsewhere knows that nothing was cut off behind.
    public var head: String
}

/// Checks receipts with the public key alone: no service, no settings, no network.
///
/// What it cannot see is that receipts are missing at either end: the first number and the last digest tell that to
/// whoever knows what they ought to be.
public struct ReceiptVerifier: Sendable {
    private let keys: [String: VerifyingKey]

    /// - Parameter keys: Several while keys were being changed.
    public init(keys: [VerifyingKey]) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter file: One receipt a line, each ended by a line feed.
    /// - Returns: One chain for each connection, in the order of the file.
    public func check(_ file: [UInt8]) throws(ReceiptFault) -> [CheckedChain] {
        guard !file.isEmpty else { throw .empty }
        guard file.last == UInt8(ascii: "\n") else { throw .unfinished }
        var chains: [CheckedChain] = []
        let lines = file.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let link = try check(Array(line), line: index + 1)
            if let at = chains.firstIndex(where: { $0.connection == link.connection }) {
                try link.follow(&chains[at], line: index + 1)
            } else {
                chains.append(link.start)
            }
        }
        return chains
    }

    private func check(_ bytes: [UInt8], line: Int) throws(ReceiptFault) -> Link {
        let document = try parse(bytes, line: line)
        guard let canonical = try? CanonicalJSON.bytes(of: document), canonical == bytes else {
            throw .notCanonical(line: line)
        }
        guard case .object(let members) = document, members.count == 3, let body = document["receipt"],
            let keyID = document["keyID"]?.stringValue, let signature = document["signature"]?.stringValue,
            let link = Link(body, digest: Digest.sha256(bytes))
        else { throw .notAReceipt(line: line) }
        guard let key = keys[keyID] else { throw .otherKey(line: line, keyID: keyID) }
        // Base64 has spare bits at its end; only the one text that encodes the signature is taken.
        guard let signed = try? CanonicalJSON.bytes(of: body), let decoded = Data(base64Encoded: signature),
            decoded.base64EncodedString() == signature, key.isValid(Array(decoded), for: signed)
        else { throw .signature(line: line) }
        return link
    }

    private func parse(_ bytes: [UInt8], line: Int) throws(ReceiptFault) -> JSONValue {
        do {
            return try JSON.decode(JSONValue.self, from: bytes)
        } catch {
            throw .notJSON(line: line, problem: error.problem)
        }
    }
}

/// What chains one receipt to the others.
private struct Link {
    let connection: String
    let connectionLabel: String
    let number: Int64
    let previous: String?
    let digest: String

    init?(_ body: JSONValue, digest: String) {
        guard body["type"]?.stringValue == Receipt.type, case .number(let number)? = body["number"],
            let number = Int64(number), number > 0, let run = body["run"],
            let connection = run["connection"]?.stringValue, let label = run["connectionLabel"]?.stringValue
        else { return nil }
        let previous = body["previous"]?.stringValue
        guard (previous == nil) == (number == 1) else { return nil }
        self.connection = connection
        connectionLabel = label
        self.number = number
        self.previous = previous
        self.digest = digest
    }

    var start: CheckedChain {
        CheckedChain(
            connection: connection, connectionLabel: connectionLabel, first: number, last: number, head: digest)
    }

    func follow(_ chain: inout CheckedChain, line: Int) throws(ReceiptFault) {
        guard number == chain.last + 1 else { throw .gap(line: line, number: number, before: chain.last) }
        guard previous == chain.head else { throw .chain(line: line, number: number) }
        chain.last = number
        chain.head = digest
    }
}
